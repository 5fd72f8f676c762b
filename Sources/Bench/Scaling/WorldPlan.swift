/// What a world that is written for measuring has in it.
protocol WorldPlan: Sendable {
    var conversationCount: Int { get }
    /// Files in the one folder.
    var fileCount: Int { get }
    func title(_ index: Int) -> String
    func topic(_ index: Int) -> String
    /// Days from 1970-01-01 of each message of a conversation, in order.
    func days(of conversation: Int) -> [Int]
    /// What is attached to the message with this number of all; nil if nothing is.
    func attachment(_ place: Int) -> PlannedBlob?
}

/// Bytes that are to be made up.
struct PlannedBlob: Hashable, Sendable {
    var byteCount: Int
    /// A start that is its own, and zeros that take no room on the disk.
    var isSparse = false
}
