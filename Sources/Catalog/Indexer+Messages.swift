internal import GRDB
internal import Objects

/// What a row of `message` is; stored.
enum MessageKind: Int {
    /// Something it needs is not here yet.
    case pending = 0
    case chat = 1
    /// A root of the file system (one-protocol 5.3).
    case fileRoot = 2
    case other = 3
}

extension Indexer {
    /// More attachments than this of one message are not shown.
    static let attachmentCountMax = 1000

    /// The channel roots of the file system are posted to.
    static let fileChannel = Array("mainFileSystemChannelId".utf8)

    mutating func indexMessages() throws {
        for id in dirtyMessages.sorted() { try indexMessage(id) }
        dirtyMessages = []
    }

    private mutating func indexMessage(_ id: Int64) throws {
        let sql = "SELECT channel, creation, thread, verified, author FROM message WHERE id = ?"
        guard let row = try database.row(sql, id), let creation = row.hash(1) else { return }
        let thread: Int64 = row[2]
        let author = (row[3] as Int) == 1 ? row.hash(4).map { IDHash($0) } : nil
        guard let object = try need(creation, id), object.type == "CreationTime",
            let timestamp = object.number("timestamp"), let data = object.reference("data")
        else { return }
        guard let content = try need(data, id) else { return }
        let time = Self.clamped(timestamp)
        switch content.type {
        case "ChatMessage":
            try index(chat: content, data, Post(id: id, row[0], creation, thread, time), provenAuthor: author)
        case "PersistentFileSystemRoot":
            try setKind(.fileRoot, id)
            if try isFileChannel(row[0], thread) { try note(root: data, Post(id: id, row[0], creation, thread, time)) }
        default: try setKind(.other, id)
        }
    }

    /// Something posted to a channel.
    struct Post {
        let id: Int64
        let channel: Int64
        let creation: ObjectHash
        let thread: Int64
        let time: Double
        var day: Int { CivilTime(milliseconds: time).day }

        init(id: Int64, _ channel: Int64, _ creation: ObjectHash, _ thread: Int64, _ time: Double) {
            (self.id, self.channel, self.creation, self.thread, self.time) = (id, channel, creation, thread, time)
        }
    }

    /// An object a message cannot be shown without; nil if it is not here, or is no object, for ever.
    private func need(_ hash: ObjectHash, _ message: Int64) throws -> OneObject? {
        switch load(hash) {
        case .object(let object): return object
        case .missing: try wait(for: hash, .message, row: message)
        case .unreadable: try setKind(.other, message)
        }
        return nil
    }

    private func setKind(_ kind: MessageKind, _ message: Int64) throws {
        try database.run("UPDATE message SET kind = ? WHERE id = ?", kind.rawValue, message)
    }

    private mutating func index(
        chat: OneObject,
        _ hash: ObjectHash,
        _ post: Post,
        provenAuthor: IDHash?
    ) throws {
        guard let text = chat.text("text"), let sender = chat.idReference("sender") else {
            return try setKind(.other, post.id)
        }
        // What was proven once stays so when the proof is evicted.
        let judgement = try provenAuthor.map { (author: $0, isVerified: true) } ?? judge(post, sender: sender)
        let attachments = chat.references("attachments").prefix(Self.attachmentCountMax)
        let message = Message(
            time: post.time,
            author: judgement.author,
            authorName: "",
            text: text,
            hash: hash,
            creation: post.creation,
            isVerified: judgement.isVerified,
            attachments: []
        )
        var count = 0
        for (position, object) in attachments.enumerated() {
            if try index(attachment: object, position, post) { count += 1 }
        }
        try database.run(
            """
            UPDATE message SET kind = 1, time = ?, day = ?, hash = ?, author = ?, verified = ?, text = ?, attachments = ?,
                body = ?
            WHERE id = ?
            """,
            post.time,
            post.day,
            hash,
            judgement.author,
            judgement.isVerified ? 1 : 0,
            StoredBytes(text),
            count,
            count > 0 ? nil : DayText.byteCountWithoutName(of: message),
            post.id
        )
        // Attachments have no names yet.
        if count > 0 { dirtyBodies.insert(post.id) }
        dirtyDays.insert(DayKey(thread: post.thread, day: post.day))
    }

    /// Whom a message is from, and whether that is proven (one-protocol 6.2).
    ///
    /// Each signature on it is tried, so the order of the metadata means nothing.
    private func judge(_ post: Post, sender: IDHash) throws -> (author: IDHash, isVerified: Bool) {
        var claimed: IDHash?
        let sql = "SELECT object FROM message_metadata WHERE message = ? ORDER BY object"
        for row in try database.rows(sql, post.id) {
            guard let hash = row.hash(0) else { continue }
            guard let signature = try hint(hash, post.id), signature.type == "Signature",
                let issuer = signature.idReference("issuer"), let certificateHash = signature.reference("data"),
                let certificate = try hint(certificateHash, post.id), certificate.type == "AffirmationCertificate"
            else { continue }
            claimed = claimed ?? issuer
            if certificate.reference("data") == post.creation, issuer == sender,
                try isAffirmed((certificateHash, certificate), by: issuer, signature)
            {
                return (issuer, true)
            }
        }
        return (claimed ?? sender, false)
    }

    /// An object that says more about a message, if it is here; else the message is looked at again when it comes.
    private func hint(_ hash: ObjectHash, _ message: Int64) throws -> OneObject? {
        switch load(hash) {
        case .object(let object): return object
        case .missing: try wait(for: hash, .message, row: message)
        case .unreadable: break
        }
        return nil
    }

    /// A time of day that can be shown: finite and within the calendar.
    static func clamped(_ milliseconds: Double) -> Double {
        let first = Double(CivilTime.days.lowerBound) * 86_400_000
        let last = Double(CivilTime.days.upperBound + 1) * 86_400_000 - 1
        return milliseconds.isNaN ? 0 : max(first, min(last, milliseconds))
    }

    // MARK: Attachments

    /// Takes in an attachment.
    ///
    /// - Returns: whether there is something to show.
    private mutating func index(attachment hash: ObjectHash, _ position: Int, _ post: Post) throws -> Bool {
        guard let facts = try attachment(hash, post) else {
            // Evicted since it was looked at: what is known of it stays.
            let sql = "SELECT 1 FROM attachment WHERE message = ? AND position = ?"
            return try database.row(sql, post.id, position) != nil
        }
        let thread = try self.thread(post.thread)
        let channel = try database.row("SELECT hash FROM channel WHERE id = ?", post.channel)?.hash(0)
        let identity = "attachment/\(channel?.hex ?? "")/\(post.creation)/\(position)"
        let number = EntryNumber(identity: identity)
        try database.run(
            """
            INSERT OR REPLACE INTO attachment (message, position, object, data, name, type, size, entry)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            post.id,
            position,
            hash,
            facts.data,
            StoredBytes(facts.name),
            StoredBytes(facts.type),
            facts.byteCount,
            number.stored
        )
        guard thread.isConversation else { return true }
        let moment = CivilTime(milliseconds: post.time)
        let given = facts.fileName
        var entry = StoredEntry(number, in: try month(of: moment, thread), .object)
        entry.base = EntryName.file("\(moment.dayText) \(moment.compactClockText) \(given)")
        entry.original = EntryName.file(given).utf8.elementsEqual(given.utf8) ? nil : given
        (entry.time, entry.hash) = (post.time, facts.data)
        (entry.object, entry.byteCount) = (facts.data, facts.byteCount)
        entry.modified = Timestamp(milliseconds: facts.modified)
        entry.subject = post.id
        try put(entry)
        return true
    }

    private struct AttachmentFacts {
        var data: ObjectHash
        /// As it was given.
        var name: String
        var type: String
        var byteCount: Int
        var modified: Double
        /// What the file is called, after its time.
        var fileName: String
    }

    private func attachment(_ hash: ObjectHash, _ post: Post) throws -> AttachmentFacts? {
        guard case .object(let object) = load(hash) else {
            try wait(for: hash, .message, row: post.id)
            return nil
        }
        guard object.type == "BlobDescriptor", let data = object.reference("data") else {
            return AttachmentFacts(
                data: hash,
                name: "",
                type: object.type,
                byteCount: try byteCount(of: hash) ?? bytes(of: hash)?.count ?? 0,
                modified: post.time,
                fileName: object.type + ".html"
            )
        }
        let (name, type) = (object.text("name") ?? "", object.text("type") ?? "")
        var size = try byteCount(of: data)
        if size == nil {
            try wait(for: data, .message, row: post.id)
            size = Int(exactly: object.number("size")?.rounded() ?? 0).map { max(0, $0) }
        }
        return AttachmentFacts(
            data: data,
            name: name,
            type: type,
            byteCount: size ?? 0,
            modified: Self.clamped(object.number("lastModified") ?? post.time),
            fileName: name.isEmpty ? "attachment" + MediaType.fileExtension(of: type) : name
        )
    }
}
