import Objects

/// The entries of a channel, read from a draft and added to it.
enum ChannelList {
    static func entry(_ hash: ObjectHash, in draft: borrowing Draft) throws -> ChannelEntries.Entry {
        let draft = copy draft
        return try unwrapped { () throws(MergeError) in
            try ChannelEntries.entry(hash) { (hash) throws(MergeError) in try draft.mergeable(hash) }
        }
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
        let plan = try unwrapped { () throws(MergeError) in
            try ChannelEntries.insert(
                creationTime: creationTime,
                milliseconds: milliseconds,
                metadata: metadata,
                under: head
            ) { (hash) throws(MergeError) in try draft.mergeable(hash) }
        }
        let entries = try plan.objects(draft.book)
        for entry in entries { draft.add(entry) }
        guard let first = entries.last?.hash ?? plan.base else { throw MicrodataError.invalid("nothing was inserted") }
        return first
    }

    /// Whether something of this time is in a list already.
    static func contains(
        _ creationTime: ObjectHash,
        milliseconds: Double,
        under head: ObjectHash,
        in draft: borrowing Draft
    ) throws -> Bool {
        let draft = copy draft
        return try unwrapped { () throws(MergeError) in
            try ChannelEntries.contains(creationTime, milliseconds: milliseconds, under: head) {
                (hash) throws(MergeError) in try draft.mergeable(hash)
            }
        }
    }

    /// What cannot be read is told as what it is.
    private static func unwrapped<Result>(_ body: () throws(MergeError) -> Result) throws -> Result {
        do throws(MergeError) {
            return try body()
        } catch {
            guard case .unreadable(let error) = error else { throw error }
            throw error
        }
    }
}
