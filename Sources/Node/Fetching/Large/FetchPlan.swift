import Objects

/// Which bytes of a large object are here, which are on their way, and what is to be asked for next; no I/O.
///
/// Bytes are *present* when they were written, by this process or, so an earlier one says, by that; *good* when this process
/// found them to be those of the list. Only good ones are given out. What one holder is asked for nobody else is, until
/// that has ended.
struct FetchPlan {
    let byteCount: Int
    /// As far as it is known.
    var list: ChunkList
    private(set) var present: RangeSet<Int>
    private(set) var good = RangeSet<Int>()
    /// The chunk that came last: good by the list, and given to nobody before the whole is found right.
    ///
    /// So nobody has read all of an object that is another one.
    private(set) var withheld: Range<Int>?
    private var asks: [Int: Ask] = [:]
    private var lastNumber = 0
    /// Chunks that an older version, which is here, has too.
    var copyable = RangeSet<Int>()
    /// Older versions are being looked through: what they have needs no fetching.
    var isComparing = false
    /// What readers wait for, in order of arrival.
    private(set) var wants: [(reader: Int, range: Range<Int>)] = []
    /// What readers are expected to want.
    private(set) var ahead: [Int: Range<Int>] = [:]
    /// Everything is wanted.
    var isWhole = false
    /// Everything that is present is to be checked against the list: as a whole it is wrong.
    var isDoubted = false
    /// Without the list no more is asked for.
    var isListNeeded = false
    /// Goes up when present bytes are given up: what was hashed of them is void.
    private(set) var generation = 0

    /// A range some holder was asked for.
    struct Ask {
        var holder: String
        var range: Range<Int>
        /// Its bytes are checked against the list.
        var isListed: Bool
        var started: Duration
        var moved: Duration
        var arrivedByteCount = 0
    }

    init(byteCount: Int, present: RangeSet<Int> = RangeSet(), list: ChunkList? = nil) {
        (self.byteCount, self.present) = (byteCount, present)
        self.list = list ?? ChunkList(objectByteCount: byteCount)
    }

    // MARK: What is here

    var isAllPresent: Bool { present == RangeSet(0..<byteCount) }
    var isAllGood: Bool { good.union(RangeSet(withheld ?? 0..<0)) == RangeSet(0..<byteCount) }
    var presentByteCount: Int { present.ranges.reduce(0) { $0 + $1.count } }
    /// Bytes from 0 on without a gap.
    var frontByteCount: Int {
        guard let first = present.ranges.first, first.lowerBound == 0 else { return 0 }
        return first.upperBound
    }

    func isGood(_ range: Range<Int>) -> Bool { good.covers(range) }

    /// Bytes were written; not checked.
    mutating func wrote(_ range: Range<Int>) { present.insert(contentsOf: range) }

    /// A chunk has the bytes of the list; `isKept` if they were written too.
    mutating func found(_ chunk: Int, isKept: Bool) {
        copyable.remove(contentsOf: chunk..<chunk + 1)
        guard isKept else { return }
        let range = list.range(of: chunk)
        present.insert(contentsOf: range)
        if withheld == nil, isAllPresent, !good.covers(range) {
            withheld = range
        } else if withheld != range {
            good.insert(contentsOf: range)
        }
    }

    /// The whole is right.
    mutating func release() {
        if let withheld { good.insert(contentsOf: withheld) }
        withheld = nil
    }

    /// What was present is not what the list says.
    mutating func lost(_ range: Range<Int>) {
        present.remove(contentsOf: range)
        good.remove(contentsOf: range)
        withheld = nil
        generation += 1
    }

    /// Begins anew.
    mutating func reset() {
        (present, good, copyable, withheld) = (RangeSet(), RangeSet(), RangeSet(), nil)
        list = ChunkList(objectByteCount: byteCount)
        isDoubted = false
        generation += 1
    }

    /// Takes no list's word any more; what is present has to be checked against another one.
    mutating func dropList() {
        (good, copyable, withheld) = (RangeSet(), RangeSet(), nil)
        list = ChunkList(objectByteCount: byteCount)
    }

    // MARK: What is wanted

    mutating func want(_ range: Range<Int>, by reader: Int) {
        wants.append((reader, range))
        isListNeeded = true
    }

    mutating func wantNoMore(_ reader: Int) { wants.removeAll { $0.reader == reader } }

    /// Expects this to be wanted next; nothing, if the range is empty.
    mutating func expect(_ range: Range<Int>, by reader: Int) {
        ahead[reader] = range.isEmpty ? nil : range.clamped(to: 0..<byteCount)
        if !range.isEmpty { isListNeeded = true }
    }

    /// Whether there is anything that somebody wants and is not good.
    var isSatisfied: Bool {
        guard wants.isEmpty, !isWhole else { return false }
        return ahead.values.allSatisfy { isGood($0) }
    }

    // MARK: What is asked for

    var asked: [Int: Ask] { asks }

    mutating func ask(_ holder: String, for range: Range<Int>, isListed: Bool, at moment: Duration) -> Int {
        lastNumber += 1
        asks[lastNumber] = Ask(holder: holder, range: range, isListed: isListed, started: moment, moved: moment)
        return lastNumber
    }

    mutating func moved(_ number: Int, byteCount: Int, at moment: Duration) {
        asks[number]?.moved = moment
        asks[number]?.arrivedByteCount += byteCount
    }

    /// What did not arrive of it can be asked of others.
    @discardableResult
    mutating func end(_ number: Int) -> Ask? { asks.removeValue(forKey: number) }
}

extension RangeSet<Int> {
    /// Whether all of a range is in the set.
    func covers(_ range: Range<Int>) -> Bool {
        guard !range.isEmpty else { return true }
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound > range.lowerBound { high = middle } else { low = middle + 1 }
        }
        guard low < ranges.count else { return false }
        return ranges[low].lowerBound <= range.lowerBound && ranges[low].upperBound >= range.upperBound
    }
}
