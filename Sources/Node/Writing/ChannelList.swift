import Objects

/// The linked list of a channel, newest entry first (one-protocol 5.2, 6.3, 6.4).
enum ChannelList {
    /// How many entries an insertion or a merge may pass before it gives up: a list that long is cyclic or broken.
    static let entriesMax = 10_000_000

    struct Entry: Hashable {
        var hash: ObjectHash
        var creationTime: ObjectHash
        var milliseconds: Double
        var metadata: Value?
        var previous: ObjectHash?

        /// Of two entries the newer comes first; of the same time the one with the greater hash (one-protocol 6.1.4).
        func precedes(_ other: Self) -> Bool {
            (milliseconds, creationTime) > (other.milliseconds, other.creationTime)
        }
    }

    static func entry(_ hash: ObjectHash, in draft: borrowing Draft) throws -> Entry {
        let object = try draft.object(hash)
        guard object.type == "LinkedListEntry", case .reference(let data)? = object["data"],
            case .number(let time)? = try draft.object(data)["timestamp"]
        else { throw MicrodataError.invalid("\(hash) is no entry of a channel") }
        var previous: ObjectHash?
        if case .reference(let hash)? = object["previous"] { previous = hash }
        return Entry(
            hash: hash,
            creationTime: data,
            milliseconds: time,
            metadata: object["metadata"],
            previous: previous
        )
    }

    /// The list with a new entry at its place in time; returns the new first entry.
    ///
    /// Entries above it are made again.
    static func insert(
        creationTime: ObjectHash,
        milliseconds: Double,
        metadata: [ObjectHash],
        under head: ObjectHash?,
        into draft: inout Draft
    ) throws -> ObjectHash {
        var above: [Entry] = []
        var base = head
        while let hash = base, above.count < Self.entriesMax {
            let entry = try entry(hash, in: draft)
            // Posted before, by somebody who was interrupted before they could take note of it.
            if let head, entry.creationTime == creationTime { return head }
            guard entry.milliseconds > milliseconds else { break }
            above.append(entry)
            base = entry.previous
        }
        var top = try add(creationTime, metadata: .list(metadata.map(Value.reference)), on: base, to: &draft)
        for entry in above.reversed() {
            top = try add(entry.creationTime, metadata: entry.metadata, on: top, to: &draft)
        }
        return top
    }

    /// One list with the entries of both; the same whichever is called left (one-protocol 6.3).
    static func merge(_ left: ObjectHash?, _ right: ObjectHash?, into draft: inout Draft) throws -> ObjectHash? {
        func read(_ hash: ObjectHash) throws -> Entry { try entry(hash, in: draft) }
        var (left, right) = (try left.map(read), try right.map(read))
        var merged: [Entry] = []
        while let a = left, let b = right, a.hash != b.hash, merged.count < Self.entriesMax {
            if a.creationTime == b.creationTime {
                merged.append(a.hash > b.hash ? a : b)
                (left, right) = (try a.previous.map(read), try b.previous.map(read))
            } else if a.precedes(b) {
                merged.append(a)
                left = try a.previous.map(read)
            } else {
                merged.append(b)
                right = try b.previous.map(read)
            }
        }
        var top = (left ?? right)?.hash
        for entry in merged.reversed() {
            top = try add(entry.creationTime, metadata: entry.metadata, on: top, to: &draft)
        }
        return top
    }

    private static func add(
        _ creationTime: ObjectHash,
        metadata: Value?,
        on previous: ObjectHash?,
        to draft: inout Draft
    ) throws -> ObjectHash {
        let entry = OneObject(
            "LinkedListEntry",
            [
                ("data", .reference(creationTime)), ("metadata", metadata),
                ("previous", previous.map(Value.reference)),
            ]
        )
        return try draft.add(entry).hash
    }
}
