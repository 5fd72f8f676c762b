import Glibc

/// What is read of a conversation that is opened.
struct TraceReading {
    /// Objects that are new and looked at, at most; nobody reads a week of a busy conversation to its beginning.
    private static let newCountMax = 40
    private static let digCounts = 30...150

    private let objects: [Trace.Object]
    private let contents: [[Int]]
    /// How much of each conversation was there when it was last opened.
    private var seenCounts: [Int]

    init(objects: [Trace.Object], contents: [[Int]]) {
        (self.objects, self.contents) = (objects, contents)
        // What was there before the first traced day has been read.
        seenCounts = contents.map { content in content.count { objects[$0].created < 0 } }
    }

    mutating func visit(_ opening: TraceDays.Opening, _ dice: inout TraceDice) -> Trace.Visit {
        let content = contents[opening.conversation]
        let count = content.partitionIndex { objects[$0].created > opening.time }
        let there = content[..<count]
        var visit = Trace.Visit(
            time: opening.time,
            conversation: opening.conversation,
            cause: opening.cause,
            reads: []
        )
        switch opening.cause {
        case .scan: visit.reads = Array(there)
        case .dig:
            let end = count - Int(dice.unit() * Double(count) * 0.9)
            visit.reads = there[..<end].suffix(dice.number(Self.digCounts)).reversed()
        case .habit, .follow, .news, .burst, .browse:
            visit.reads = look(there, new: count - seenCounts[opening.conversation], &dice)
            seenCounts[opening.conversation] = count
        }
        return visit
    }

    /// The newest first: what is new, the last page again, and some pictures of before.
    private func look(_ there: ArraySlice<Int>, new: Int, _ dice: inout TraceDice) -> [Int] {
        var reads: [Int] = []
        for index in there.suffix(max(min(new, Self.newCountMax), 1)).reversed() {
            // Not every attachment is looked at.
            if !objects[index].isAttachment || dice.happens(0.8) { reads.append(index) }
        }
        let older = there.dropLast(reads.count)
        guard !older.isEmpty else { return reads }
        for _ in 0..<dice.poisson(1.5) {
            let back = Int(dice.exponential(12))
            guard back < older.count else { continue }
            let index = older[older.index(older.endIndex, offsetBy: -1 - back)]
            if !reads.contains(index) { reads.append(index) }
        }
        return reads
    }
}

extension [Int] {
    /// Where those begin for which this is true; those for which it is not come first.
    fileprivate func partitionIndex(where belongsAfter: (Int) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if belongsAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
