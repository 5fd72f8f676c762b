/// Every command a running node answers.
enum CommandTable {
    static let commands: [String: any NodeCommand.Type] = Dictionary(
        uniqueKeysWithValues: all.map { ($0.name, $0) }
    )

    private static let all: [any NodeCommand.Type] = [
        AddFiles.self, CheckFiles.self, FetchPaths.self, ListConversations.self, ListEntries.self, MakeInvitation.self,
        Mounting.self,
        PeerList.self, PutFiles.self, ReadBytes.self, ReadLog.self, ReportStatus.self, RevokeInstance.self,
        SayMessage.self,
    ]
}
