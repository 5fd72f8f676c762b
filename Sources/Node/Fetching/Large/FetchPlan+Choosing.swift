import Objects

/// What is to be done next: the readers' first, in order.
extension FetchPlan {
    /// A reader waits for all of what it asked for: in pieces it can come from several holders.
    static let readerRunByteCount = 4 << 20

    /// The next range a holder is to be asked for; nil if there is none now.
    func nextRange(forReaders: Bool, byteCountMax: Int) -> (range: Range<Int>, isListed: Bool)? {
        let taken = RangeSet(asked.values.map(\.range))
        if forReaders {
            for want in wants {
                if let run = run(in: want.range, taken, Self.readerRunByteCount) { return (run, true) }
            }
            return nil
        }
        for range in ahead.values {
            if let run = run(in: range, taken, byteCountMax) { return (run, true) }
        }
        guard isWhole, !isComparing else { return nil }
        if isListNeeded { return run(in: 0..<byteCount, taken, byteCountMax).map { ($0, true) } }
        let gaps = RangeSet(0..<byteCount).subtracting(present.union(taken))
        return gaps.ranges.first.map { ($0.prefix(byteCountMax), false) }
    }

    /// The first chunks in a range that follow each other and have to come from a holder.
    private func run(in range: Range<Int>, _ taken: RangeSet<Int>, _ byteCountMax: Int) -> Range<Int>? {
        // A chunk of which a part is here is asked for whole, also where only that part is wanted.
        let chunks = list.indices(in: range)
        let start = chunks.first.map { list.range(of: $0).lowerBound } ?? range.lowerBound
        let end = chunks.last.map { list.range(of: $0).upperBound } ?? range.upperBound
        let bounds = min(range.lowerBound, start)..<max(range.upperBound, end)
        let gaps = RangeSet(bounds).subtracting(present.union(taken))
        for gap in gaps.ranges {
            guard let first = list.index(at: gap.lowerBound) else { return nil }
            var result: Range<Int>?
            for chunk in first..<max(first, list.indices(in: gap).upperBound) {
                let bytes = list.range(of: chunk)
                let isFree = taken.isDisjoint(RangeSet(bytes)) && !copyable.contains(chunk)
                guard isFree, result == nil || bytes.upperBound - (result?.lowerBound ?? 0) <= byteCountMax else {
                    if result == nil { continue }
                    break
                }
                result = (result?.lowerBound ?? bytes.lowerBound)..<bytes.upperBound
            }
            if let result { return result }
        }
        return nil
    }

    /// Work on this device.
    enum LocalWork: Equatable {
        /// Hash a chunk that is present.
        case check(chunk: Int)
        /// Take a chunk from an older version.
        case copy(chunk: Int)
    }

    func nextLocalWork() -> LocalWork? {
        for range in wants.map(\.range) + Array(ahead.values) {
            if let work = localWork(in: range) { return work }
        }
        if isDoubted {
            let unchecked = present.subtracting(good)
            for range in unchecked.ranges {
                if let chunk = list.indices(in: range).first(where: { isUnchecked($0) }) { return .check(chunk: chunk) }
            }
        }
        return isWhole ? copyable.ranges.first.map { .copy(chunk: $0.lowerBound) } : nil
    }

    private func localWork(in range: Range<Int>) -> LocalWork? {
        for gap in RangeSet(range).subtracting(good).ranges {
            for chunk in list.indices(in: gap) {
                if isUnchecked(chunk) { return .check(chunk: chunk) }
                if copyable.contains(chunk) { return .copy(chunk: chunk) }
            }
        }
        return nil
    }

    private func isUnchecked(_ chunk: Int) -> Bool {
        let bytes = list.range(of: chunk)
        return !good.covers(bytes) && present.covers(bytes) && withheld != bytes
    }

    /// Whether what is on this device is enough for a range.
    func isWithinReach(_ range: Range<Int>) -> Bool {
        let chunks = list.indices(in: range)
        guard let end = chunks.last.map({ list.range(of: $0).upperBound }), end >= range.upperBound else {
            return false
        }
        return chunks.allSatisfy { chunk in
            copyable.contains(chunk) || present.covers(list.range(of: chunk))
        }
    }
}
