import Peers
import Testing

@testable import Node

/// Which objects go into which request.
@Suite struct GatheringTests {
    private func next(_ gathering: inout Gathering<Int>) -> [Int]? { gathering.next { _ in true }?.items }

    @Test func theFirstGoesAtOnceAndOthersGather() {
        var gathering = Gathering<Int>()
        for item in 0..<Gathering<Int>.requestCountMax {
            gathering.add(item, byteCount: 500, .reader)
            #expect(next(&gathering) == [item])
        }
        for item in 100..<1200 {
            gathering.add(item, byteCount: 500, .reader)
            #expect(next(&gathering) == nil)
        }
        gathering.finish(.reader)
        #expect(next(&gathering) == Array(100..<1100))
        gathering.finish(.reader)
        #expect(next(&gathering) == Array(1100..<1200))
        for _ in 0..<Gathering<Int>.requestCountMax { gathering.finish(.reader) }
        #expect(gathering.isIdle)
    }

    @Test func readersGoFirstAndTheBackgroundHasItsOwnRequests() {
        var gathering = Gathering<Int>()
        gathering.add(1, byteCount: 1, .background)
        gathering.add(2, byteCount: 1, .reader)
        #expect(next(&gathering) == [2])
        for _ in 1..<Gathering<Int>.requestCountMax {
            gathering.add(2, byteCount: 1, .reader)
            _ = next(&gathering)
        }
        gathering.add(3, byteCount: 1, .reader)
        let request = gathering.next { _ in true }
        #expect(request?.items == [1] && request?.priority == .background)
        #expect(next(&gathering) == nil)
    }

    @Test func aRequestHasSoManyBytesOrOneObject() {
        var gathering = Gathering<Int>()
        let half = Gathering<Int>.byteCountMax / 2
        for (item, byteCount) in [half, half, 1, 5 * half, 7].enumerated() {
            gathering.add(item, byteCount: byteCount, .reader)
        }
        #expect(next(&gathering) == [0, 1])
        #expect(next(&gathering) == [2])
        #expect(next(&gathering) == [3])
        #expect(next(&gathering) == [4])
    }

    @Test func whatNobodyWantsAnyMoreIsNotAskedFor() {
        var gathering = Gathering<Int>()
        for item in 0..<10 { gathering.add(item, byteCount: 1, .reader) }
        #expect(gathering.next { $0 % 2 == 0 }?.items == [0, 2, 4, 6, 8])
        gathering.add(11, byteCount: 1, .reader)
        #expect(gathering.next { _ in false } == nil)
        gathering.finish(.reader)
        #expect(gathering.isIdle)
    }

    @Test func aStuckHolderGivesBackWhatWaits() {
        var gathering = Gathering<Int>()
        gathering.add(1, byteCount: 1, .reader)
        gathering.add(2, byteCount: 1, .background)
        #expect(gathering.drain() == [1, 2])
        #expect(gathering.isIdle)
    }
}
