import Catalog
import Node
import Objects
import Storage
import SystemPackage

/// Writes a world of many objects into a custodian's root, with the objects that saying and adding make.
struct ScaleWriter {
    /// Messages, files or attachments that share a barrier and a transaction.
    private static let batchCount = 4_000
    private static let day: Int64 = 86_400_000_000_000

    let node: Node
    let plan: any WorldPlan
    let random: SeededRandom
    private let identity: Identity
    private let ownerKeys: Keyring

    init(node: Node, plan: any WorldPlan, seed: UInt64) throws {
        (self.node, self.plan, random) = (node, plan, SeededRandom(seed: seed))
        identity = try node.requireIdentity()
        guard let keys = identity.ownerKeys else { throw CommandError("a world is made where the owner's key is") }
        ownerKeys = keys
    }

    private struct Writer {
        var id: IDHash
        var affirmer: KeyAffirmer
    }

    private struct Line {
        var conversation: Int
        var writer: Int
        var message: NewMessage
        var attachment: PlannedBlob?
    }

    /// Everything; `progress` is told how many messages and files are written.
    func write(progress: (Int) -> Void) throws {
        let writers = try addWriters()
        let topics = try node.author.commit { draft in
            try node.author.createTopics(
                (0..<plan.conversationCount).map { (plan.topic($0), plan.title($0)) },
                into: &draft
            )
        }
        var lines: [Line] = []
        var written = 0
        func flush() throws {
            try write(lines, topics, writers)
            written += lines.count
            lines = []
            progress(written)
        }
        for index in 0..<plan.conversationCount {
            for (place, time) in times(plan.days(of: index)).enumerated() {
                lines.append(try line(index, place, time, writers.count))
                lines[lines.count - 1].attachment = plan.attachment(written + lines.count - 1)
                if lines.count == Self.batchCount { try flush() }
            }
        }
        try flush()
        try addFiles(by: writers[0]) { progress(written + $0) }
        try node.catalog.flushVerdicts()
    }

    private func roll(_ bound: Int) -> Int { Int(random.number(below: UInt64(bound))) }

    private func addWriters() throws -> [Writer] {
        let owner = Writer(id: identity.ownerID, affirmer: affirmer(identity.ownerID, ownerKeys))
        return try [owner]
            + node.author.commit { draft in
                try (1...12).map { index in
                    let keys = Keyring(random: random)
                    let id = try node.author.addContact(
                        NewPerson(email: "person\(index)@scale.invalid", name: "Person \(index)", keys: keys),
                        someoneID: "scale-\(index)",
                        owner: identity.ownerID,
                        ownerKeys: ownerKeys,
                        into: &draft
                    )
                    return Writer(id: id, affirmer: affirmer(id, keys))
                }
            }
    }

    private func affirmer(_ id: IDHash, _ keys: Keyring) -> KeyAffirmer {
        KeyAffirmer(issuer: id, key: keys.sign, book: node.author.book)
    }

    // MARK: Messages

    /// A time within each day, in order.
    private func times(_ days: [Int]) -> [Timestamp] {
        var counts: [Int: Int] = [:]
        for day in days { counts[day, default: 0] += 1 }
        var places: [Int: Int] = [:]
        return days.map { day in
            let place = places[day, default: 0]
            places[day] = place + 1
            return Timestamp(
                nanoseconds: Int64(day) * Self.day + Self.day / Int64(counts[day, default: 1] + 1) * Int64(place + 1)
            )
        }
    }

    private func line(_ conversation: Int, _ place: Int, _ time: Timestamp, _ writerCount: Int) throws -> Line {
        let text = (0...4 + roll(12)).map { _ in Self.words[roll(Self.words.count)] }.joined(separator: " ")
        return Line(
            conversation: conversation,
            writer: roll(writerCount),
            message: NewMessage(text: "\(text) (\(place))", time: time)
        )
    }

    private static let words = [
        "train", "late", "bread", "lake", "concert", "bike", "snow", "pancakes", "tent", "chapter", "roof", "report",
        "market", "hut", "garden", "song", "keys", "dinner", "the", "a", "and", "we", "was", "again", "tomorrow",
        "where",
    ]

    private func write(_ lines: [Line], _ topics: [ObjectHash], _ writers: [Writer]) throws {
        var lines = lines
        try attach(to: &lines)
        try node.author.commit { draft in
            var start = 0
            while start < lines.count {
                let conversation = lines[start].conversation
                let end = lines[start...].firstIndex { $0.conversation != conversation } ?? lines.count
                let postings = try lines[start..<end].map { line in
                    let writer = writers[line.writer]
                    var posting = try node.author.write(line.message, from: writer.id, into: &draft)
                    posting.metadata.append(try sign(posting, writer, into: &draft))
                    return posting
                }
                let channel = Channel(id: plan.topic(conversation), owner: nil)
                try node.author.post(postings, to: channel, into: &draft)
                start = end
            }
        }
    }

    private func sign(_ posting: Posting, _ writer: Writer, into draft: inout Draft) throws -> ObjectHash {
        try node.author.addAffirmation(writer.affirmer.affirmed(posting.creationTime), to: &draft)
    }

    private func attach(to lines: inout [Line]) throws {
        let planned = lines.indices.compactMap { place in lines[place].attachment.map { (place, $0) } }
        for ((place, _), blob) in zip(planned, try put(planned.map(\.1))) {
            lines[place].message.attachments = [
                NewAttachment(
                    blob: blob,
                    name: "note.bin",
                    mimeType: "application/octet-stream",
                    modified: lines[place].message.time
                )
            ]
        }
    }

    private func put(_ planned: [PlannedBlob]) throws -> [KnownObject] {
        guard planned.contains(where: \.isSparse) else {
            return try node.author.putBlobs(planned.map { random.bytes($0.byteCount) })
        }
        let shelf = SparseBlob(objects: node.root.path.appending("objects"))
        let blobs = try planned.map { try shelf.put(byteCount: $0.byteCount, random: random) }
        try node.catalog.record(blobs.map { .object($0, held: true) })
        return blobs
    }

    // MARK: Files

    private func addFiles(by owner: Writer, progress: (Int) -> Void) throws {
        var children: [Value] = []
        for start in stride(from: 0, to: plan.fileCount, by: Self.batchCount) {
            let range = start..<min(start + Self.batchCount, plan.fileCount)
            let blobs = try node.author.putBlobs(range.map { _ in random.bytes(ScalePlan.fileByteCount) })
            children += try node.author.commit { draft in
                try zip(range, blobs).map { index, blob in
                    let file = try draft.add(
                        OneObject("PersistentFileSystemFile", [("content", .reference(blob.hash))])
                    )
                    return child(ScalePlan.fileName(index), mode: 0o100644, file.hash)
                }
            }
            progress(range.upperBound)
        }
        try node.author.commit { draft in
            let folder = try directory(children, &draft)
            let top = try directory([child(ScalePlan.folder, mode: 0o040777, folder)], &draft)
            let entry = Properties([("mode", .number(0o040777)), ("entry", .reference(top))])
            let root = try draft.add(OneObject("PersistentFileSystemRoot", [("root", .object(entry))]))
            let time = Timestamp(nanoseconds: Int64(ScalePlan.lastDay) * Self.day)
            var posting = try node.author.write(of: root.hash, at: time, into: &draft)
            posting.metadata = [try sign(posting, owner, into: &draft)]
            let channel = Channel(id: Author.filesChannelID, owner: identity.ownerID)
            try node.author.post([posting], to: channel, into: &draft)
        }
    }

    private func directory(_ children: [Value], _ draft: inout Draft) throws -> ObjectHash {
        try draft.add(OneObject("PersistentFileSystemDirectory", [("children", .list(children))])).hash
    }

    private func child(_ name: String, mode: Double, _ content: ObjectHash) -> Value {
        .object(Properties([("path", .string("/" + name)), ("mode", .number(mode)), ("content", .reference(content))]))
    }
}
