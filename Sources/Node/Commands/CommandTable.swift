/// Every command a running node answers.
enum CommandTable {
    static let commands: [String: any NodeCommand.Type] = Dictionary(
        uniqueKeysWithValues: all.map { ($0.name, $0) }
    )

    private static let all: [any NodeCommand.Type] = [
        AcceptContact.self, AddFiles.self, AllowProgram.self, CheckFiles.self, CheckPolicy.self, EstimateCost.self,
        EvictPaths.self, ExamineNode.self, ExplainPaths.self, ExplainPin.self, ExportOne.self, FetchPaths.self,
        KeepLocal.self, ListContacts.self, ListConversations.self, ListEntries.self, MakeInvitation.self, MakeRoom.self,
        MakeSignInLink.self, Mounting.self, PeerList.self, PinPaths.self, PutFiles.self, ReadBytes.self,
        ReadEvents.self, ReadLog.self, ReportStatus.self, RevokeInstance.self, SayMessage.self, ShareConversation.self,
        UniteContact.self, UnshareConversation.self,
    ]
}
