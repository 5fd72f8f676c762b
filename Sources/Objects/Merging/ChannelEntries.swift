/// The linked list of a channel, newest entry first (one-protocol 5.2, 6.3, 6.4).
package enum ChannelEntries {
    /// How many entries are passed before giving up: a list that long is broken.
    static let countMax = 10_000_000

    package struct Entry: Hashable {
        package var hash: ObjectHash
        package var creationTime: ObjectHash
        package var milliseconds: Double
        package var metadata: Value?
        package var previous: ObjectHash?

        /// Of two entries the newer comes first; of the same time the one with the greater hash (one-protocol 6.1.4).
        func precedes(_ milliseconds: Double, _ creationTime: ObjectHash) -> Bool {
            (self.milliseconds, self.creationTime) > (milliseconds, creationTime)
        }
    }

    /// A list as it is to become: entries, newest first, that are made again on one that stays.
    package struct Plan {
        package var above: [Entry] = []
        package var base: ObjectHash?

        /// The new entries, oldest first, so that the last is the head; none: the base is.
        package func objects(_ book: RecipeBook) throws(MicrodataError) -> [EncodedObject] {
            var objects: [EncodedObject] = []
            for entry in above.reversed() {
                let previous = objects.last?.hash ?? base
                let fields: [(String, Value?)] = [
                    ("data", .reference(entry.creationTime)), ("metadata", entry.metadata),
                    ("previous", previous.map(Value.reference)),
                ]
                objects.append(try EncodedObject(OneObject("LinkedListEntry", fields), book))
            }
            return objects
        }
    }

    package static func entry(
        _ hash: ObjectHash,
        read: (ObjectHash) throws(MergeError) -> OneObject
    ) throws(MergeError) -> Entry {
        let object = try read(hash)
        guard object.type == "LinkedListEntry", case .reference(let data)? = object["data"],
            case .number(let time)? = try read(data)["timestamp"]
        else { throw .damaged(hash, "is no entry of a channel") }
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

    /// The list with a new entry at its place in time.
    package static func insert(
        creationTime: ObjectHash,
        milliseconds: Double,
        metadata: [ObjectHash],
        under head: ObjectHash?,
        read: (ObjectHash) throws(MergeError) -> OneObject
    ) throws(MergeError) -> Plan {
        var plan = Plan(base: head)
        // Posted before, by somebody who was interrupted before they could take note of it.
        if let head, try contains(creationTime, milliseconds: milliseconds, under: head, read: read) { return plan }
        while let hash = plan.base {
            let entry = try entry(hash, read: read)
            guard entry.precedes(milliseconds, creationTime) else { break }
            try take(entry, &plan.above)
            plan.base = entry.previous
        }
        plan.above.append(
            Entry(
                hash: creationTime,
                creationTime: creationTime,
                milliseconds: milliseconds,
                metadata: .list(metadata.map(Value.reference))
            )
        )
        return plan
    }

    /// Whether something of this time is in a list already.
    package static func contains(
        _ creationTime: ObjectHash,
        milliseconds: Double,
        under head: ObjectHash,
        read: (ObjectHash) throws(MergeError) -> OneObject
    ) throws(MergeError) -> Bool {
        var next: ObjectHash? = head
        var count = 0
        while let hash = next, count < countMax {
            let entry = try entry(hash, read: read)
            if entry.creationTime == creationTime { return true }
            guard entry.milliseconds >= milliseconds else { return false }
            next = entry.previous
            count += 1
        }
        return false
    }

    /// One list with the entries of both; the same whichever is called left.
    ///
    /// If one contains the other, nothing is above and the base is its head.
    package static func merge(
        _ left: ObjectHash?,
        _ right: ObjectHash?,
        read: (ObjectHash) throws(MergeError) -> OneObject
    ) throws(MergeError) -> Plan {
        func load(_ hash: ObjectHash?) throws(MergeError) -> Entry? {
            guard let hash else { return nil }
            return try entry(hash, read: read)
        }
        var (newLeft, newRight) = (try load(left), try load(right))
        var merged: [Entry] = []
        while var one = newLeft, let other = newRight, one.hash != other.hash {
            if one.creationTime == other.creationTime {
                one.metadata = union(one.metadata, other.metadata)
                try take(one, &merged)
                (newLeft, newRight) = (try load(one.previous), try load(other.previous))
            } else if one.precedes(other.milliseconds, other.creationTime) {
                try take(one, &merged)
                newLeft = try load(one.previous)
            } else {
                try take(other, &merged)
                newRight = try load(other.previous)
            }
        }
        return Plan(above: merged, base: (newLeft ?? newRight)?.hash)
    }

    private static func take(_ entry: Entry, _ entries: inout [Entry]) throws(MergeError) {
        guard entries.count < countMax else { throw .damaged(entry.hash, "the channel has too many entries") }
        entries.append(entry)
    }

    /// What both say of the same: an affirmation on either side is not lost.
    private static func union(_ one: Value?, _ other: Value?) -> Value? {
        guard one != other, case .list(let left)? = one ?? .list([]), case .list(let right)? = other ?? .list([]) else {
            return one
        }
        let hashes = (left + right).compactMap { item -> ObjectHash? in
            guard case .reference(let hash) = item else { return nil }
            return hash
        }
        return .list(Set(hashes).sorted().map(Value.reference))
    }
}
