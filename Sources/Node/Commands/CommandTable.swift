/// Every command a running node answers.
enum CommandTable {
    static let commands: [String: any NodeCommand.Type] = Dictionary(
        uniqueKeysWithValues: all.map { ($0.name, $0) }
    )

    private static let all: [any NodeCommand.Type] = [
        AddFiles.self, Conversations.self, Fetch.self, Invite.self, ListEntries.self, Log.self,
        Mounting.self, PeerList.self, Put.self, Read.self, Revoke.self, Say.self, Status.self,
    ]
}
