import Objects
import TestSupport
import Testing

@testable import Node

/// What is asked for next, and how far ahead of a reader.
@Suite struct FetchPlanTests {
    static let bytes = SeededRandom(seed: 12).bytes(5 << 20)
    static let list = LargeHolder.list(of: bytes)

    func plan(_ present: RangeSet<Int> = RangeSet()) -> FetchPlan {
        FetchPlan(byteCount: Self.bytes.count, present: present, list: Self.list)
    }

    @Test func readersComeFirstAndNothingIsAskedTwice() throws {
        var plan = plan()
        plan.isWhole = true
        plan.want(1_000_000..<1_000_001, by: 1)
        let chunk = try #require(Self.list.index(at: 1_000_000))
        let first = try #require(plan.nextRange(forReaders: true, byteCountMax: 1))
        #expect(first.range == Self.list.range(of: chunk) && first.isListed)
        _ = plan.ask("a", for: first.range, isListed: true, at: .zero)
        #expect(plan.nextRange(forReaders: true, byteCountMax: 1) == nil)
        var asked = RangeSet(first.range)
        while let next = plan.nextRange(forReaders: false, byteCountMax: 300_000) {
            #expect(asked.isDisjoint(RangeSet(next.range)))
            #expect(next.range.count <= max(300_000, 512 << 10))
            asked.insert(contentsOf: next.range)
            _ = plan.ask("a", for: next.range, isListed: true, at: .zero)
        }
        #expect(asked == RangeSet(0..<Self.bytes.count))
    }

    @Test func whatDidNotComeIsAskedForAgain() throws {
        var plan = plan()
        plan.isWhole = true
        plan.isListNeeded = true
        let number = plan.ask("a", for: 0..<Self.bytes.count, isListed: true, at: .zero)
        plan.found(0, isKept: true)
        plan.end(number)
        let next = try #require(plan.nextRange(forReaders: false, byteCountMax: 1 << 20))
        #expect(next.range.lowerBound == Self.list.range(of: 0).upperBound)
    }

    /// Pieces that came without a list end where they end.
    @Test func aChunkOfWhichAPartIsHereIsAskedFor() throws {
        let range = Self.list.range(of: 2)
        for present in [range.dropLast(), range.dropFirst()] {
            var plan = plan(RangeSet(present))
            plan.want(present, by: 1)
            #expect(plan.nextRange(forReaders: true, byteCountMax: 1)?.range == range)
        }
    }

    @Test func withoutAListAllIsAskedForInOrder() throws {
        var plan = FetchPlan(byteCount: 10_000_000, present: RangeSet(0..<3_000_000))
        plan.isWhole = true
        let next = try #require(plan.nextRange(forReaders: false, byteCountMax: 1 << 20))
        #expect(next.range == 3_000_000..<3_000_000 + 1 << 20 && !next.isListed)
        plan.isComparing = true
        #expect(plan.nextRange(forReaders: false, byteCountMax: 1 << 20) == nil)
    }

    @Test func whatIsPresentIsCheckedAndWhatIsWrongIsAskedFor() throws {
        var plan = plan(RangeSet(0..<Self.bytes.count))
        let range = Self.list.range(of: 3)
        plan.want(range, by: 1)
        #expect(plan.nextRange(forReaders: true, byteCountMax: 1) == nil)
        #expect(plan.nextLocalWork() == .check(chunk: 3))
        #expect(plan.isWithinReach(range) && !plan.isGood(range))
        plan.lost(range)
        #expect(!plan.isWithinReach(range))
        #expect(plan.nextRange(forReaders: true, byteCountMax: 1)?.range == range)
        plan.found(3, isKept: true)
        #expect(plan.withheld == range && !plan.isGood(range))
        plan.release()
        #expect(plan.isGood(range))
    }

    @Test func whatAnOlderVersionHasIsCopiedAndNotAskedFor() throws {
        var plan = plan()
        plan.isWhole = true
        plan.isListNeeded = true
        plan.copyable = RangeSet(1..<Self.list.count)
        #expect(plan.nextRange(forReaders: false, byteCountMax: 8 << 20)?.range == Self.list.range(of: 0))
        #expect(plan.nextLocalWork() == .copy(chunk: 1))
    }

    @Test func readingInOrderIsFetchedAheadAndSeekingIsNot() {
        var ahead = ReadAhead()
        var next = 0..<0
        for start in stride(from: 0, to: 64 << 20, by: 128 << 10) {
            next = ahead.read(start..<start + (128 << 10))
            #expect(next.lowerBound == start + (128 << 10))
            if start < 256 << 10 { #expect(next.isEmpty || start == 128 << 10) }
            if start < 1 << 20 { #expect(next.count <= 512 << 10) }
        }
        #expect(next.count == 32 << 20)
        #expect(ahead.read(1_000..<2_000).isEmpty)
    }

    @Test func readsThatChangePlacesAreInOrder() {
        var ahead = ReadAhead()
        var next = 0..<0
        for start in stride(from: 0, to: 16 << 20, by: 256 << 10) {
            _ = ahead.read(start + (128 << 10)..<start + (256 << 10))
            next = ahead.read(start..<start + (128 << 10))
        }
        #expect(next.count > 8 << 20)
    }
}
