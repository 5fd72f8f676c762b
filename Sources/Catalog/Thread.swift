internal import GRDB
internal import Objects

/// All that was posted under one topic id, and the conversation made of it.
struct Thread {
    let id: Int64
    let topic: [UInt8]
    /// Whether a Topic of this id is known.
    var isConversation: Bool
    /// As people see it.
    var title: String
    var messageCount: Int
    var attachmentCount: Int
    /// Of the first and last message, in milliseconds since 1970.
    var firstTime: Double?
    var lastTime: Double?

    init?(_ id: Int64, _ database: Database) throws {
        let sql = "SELECT topic, object, title, messages, attachments, first, last FROM thread WHERE id = ?"
        guard let row = try database.row(sql, id) else { return nil }
        self.id = id
        topic = row.bytes(0)
        isConversation = !row.isNull(1)
        title = row.text(2)
        (messageCount, attachmentCount, firstTime, lastTime) = (row[3], row[4], row[5], row[6])
    }

    /// The number of its directory.
    var directory: EntryNumber { number("conversation") }

    /// The number of something of it, of which there is one.
    func number(_ kind: String, _ which: String = "") -> EntryNumber {
        let suffix = which.isEmpty ? [] : Array(("/" + which).utf8)
        return EntryNumber(identity: Array((kind + "/").utf8) + topic + suffix)
    }

    /// The two persons of a one-to-one topic: its id is their hashes joined by `<->` (one-protocol 5.2).
    static func pair(_ topic: [UInt8]) -> (IDHash, IDHash)? {
        let digits = ObjectHash.byteCount * 2
        guard topic.count == 2 * digits + 3, topic[digits..<digits + 3].elementsEqual("<->".utf8),
            let first = ObjectHash(hex: topic[..<digits]), let second = ObjectHash(hex: topic[(digits + 3)...])
        else { return nil }
        return (IDHash(first), IDHash(second))
    }
}
