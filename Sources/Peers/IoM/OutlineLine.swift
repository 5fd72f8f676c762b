package import Objects

/// A piece of an outline's stream: what the tree has, and of the feed what an instance without details needs.
package struct OutlineBatch: Hashable, Sendable {
    package struct Item: Hashable, Sendable {
        package var number: Int64
        package var item: OutlineItem

        package init(number: Int64, item: OutlineItem) { (self.number, self.item) = (number, item) }
    }

    package var proofs: [RegistrationProof] = []
    package var changes: [FeedBatch.Item] = []
    package var items: [Item] = []
    /// All of the feed up to this number that matters was told.
    package var feedNumber: Int64?

    package init() {}
}

/// An outline as it arrives.
package typealias OutlineStream = LineStream<OutlineBatch>

extension OutlineBatch: LineBatch {
    package init(lines: some Sequence<Substring>) throws(CallError) {
        self.init()
        for line in lines {
            switch OutlineLine(text: line) {
            case .feed(.proof(let proof)): proofs.append(proof)
            case .feed(.change(let item)): changes.append(item)
            case .item(let item): items.append(item)
            case .feedNumber(let number): feedNumber = number
            case nil: throw .violated("a line of an outline that is not one")
            }
        }
    }
}

/// A line of the outline (service 41).
///
/// It is a line of the feed (service 36), or one of
///
///     {"outline":7,"day":{"topic":"…","day":20453,"messageCount":3,…}}
///     {"outline":8,"people":{"topic":"…","persons":["…"]}}
///     {"outline":9,"file":{"number":…,"name":"…",…}}
///     {"outline":10,"gone":77}
///     {"feed":1234}
enum OutlineLine: Hashable, Sendable {
    case feed(ChangeLine)
    case item(OutlineBatch.Item)
    case feedNumber(Int64)

    private struct Members: Codable {
        var outline: Int64?
        var day: OutlineDay?
        var people: OutlinePeople?
        var file: FileMembers?
        var gone: EntryNumber?
        var feed: Int64?
    }

    var text: String {
        var members = Members()
        switch self {
        case .feed(let line): return line.text
        case .feedNumber(let number): members.feed = number
        case .item(let item):
            members.outline = item.number
            switch item.item {
            case .day(let day): members.day = day
            case .people(let people): members.people = people
            case .file(let file): members.file = FileMembers(file)
            case .gone(let number): members.gone = number
            }
        }
        return JSONText.encode(members)
    }

    /// nil if it is no such line, or says what cannot be.
    init?(text: some StringProtocol) {
        guard text.utf8.count <= ChangeLine.byteCountMax,
            let members = JSONText.decode(Members.self, from: String(text))
        else { return nil }
        if let number = members.feed, number >= 0 {
            self = .feedNumber(number)
        } else if let number = members.outline {
            guard number >= 0, let item = Self.item(members) else { return nil }
            self = .item(OutlineBatch.Item(number: number, item: item))
        } else if let line = ChangeLine(text: text) {
            self = .feed(line)
        } else {
            return nil
        }
    }

    private static func item(_ members: Members) -> OutlineItem? {
        if let day = members.day { return day.isPlausible ? .day(day) : nil }
        if let people = members.people {
            return people.persons.count <= OutlinePeople.personsMax ? .people(people) : nil
        }
        if let file = members.file { return file.file.map(OutlineItem.file) }
        return members.gone.map(OutlineItem.gone)
    }
}

/// A file or folder of an outline, as JSON says it.
private struct FileMembers: Codable, Hashable {
    var number: EntryNumber
    var topic: String?
    var folder: EntryNumber?
    var name: String
    var original: String?
    /// Milliseconds.
    var time: Double
    var hash: ObjectHash?
    /// Nanoseconds.
    var modified: Int64
    var content: ObjectHash?
    var kind: ObjectKind?
    var type: String?
    var byteCount: Int?

    init(_ file: OutlineFile) {
        (number, name, original) = (file.number, file.name, file.original)
        (time, hash, modified) = (file.time, file.hash, file.modified.nanoseconds)
        switch file.place {
        case .conversation(let topic): self.topic = topic
        case .folder(let number): folder = number
        }
        guard let object = file.content else { return }
        (content, kind, type, byteCount) = (object.hash, object.kind, object.type, object.byteCount)
    }

    /// nil if it says what cannot be.
    var file: OutlineFile? {
        guard time.isFinite, number >= FixedEntry.firstFree, original?.utf8.count ?? 0 <= ChangeLine.byteCountMax else {
            return nil
        }
        let place: OutlineFile.Place
        if let topic { place = .conversation(topic) } else if let folder { place = .folder(folder) } else { return nil }
        var object: KnownObject?
        if let content {
            guard let kind, let byteCount, (0...ChangeLine.objectByteCountMax).contains(byteCount),
                type?.utf8.count ?? 0 <= ChangeLine.typeByteCountMax
            else { return nil }
            object = KnownObject(hash: content, kind: kind, type: type, byteCount: byteCount)
        }
        return OutlineFile(
            number: number,
            place: place,
            name: name,
            original: original,
            time: time,
            hash: hash,
            modified: Timestamp(nanoseconds: modified),
            content: object
        )
    }
}
