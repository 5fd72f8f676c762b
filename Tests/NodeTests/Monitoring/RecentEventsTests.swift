import Catalog
import Objects
import Testing

@testable import Node

/// What repeats is one event.
struct RecentEventsTests {
    private func event(
        _ type: String,
        _ source: String,
        _ target: String = "",
        at second: Int64,
        status: String = "failed"
    ) -> CatalogEvent {
        CatalogEvent(
            time: Timestamp(nanoseconds: second * 1_000_000_000),
            type: type,
            source: source,
            target: target,
            details: "at \(second)",
            status: status
        )
    }

    @Test func `What happens again is the same event, with a count and the newest words`() {
        var recent = RecentEvents()
        let first = recent.add(event("connection-failed", "laptop", at: 0))
        let other = recent.add(event("connection-failed", "phone", at: 1))
        let again = recent.add(event("connection-failed", "laptop", at: 30))
        #expect(first.id == again.id && first.id != other.id)
        #expect(again.count == 2)
        #expect(again.details == "at 30")
        #expect(again.time == first.time && again.lastTime.nanoseconds == 30_000_000_000)
        #expect([first.change, other.change, again.change] == [1, 2, 3])
    }

    @Test func `What differs in kind, source, target or outcome is another event`() {
        var recent = RecentEvents()
        let events = [
            event("fetch-failed", "a", "x", at: 0), event("fetch-failed", "a", "y", at: 0),
            event("fetch-failed", "b", "x", at: 0), event("corrupt-object", "a", "x", at: 0),
            event("fetch-failed", "a", "x", at: 0, status: "ok"),
        ].map { recent.add($0) }
        #expect(Set(events.map(\.id)).count == 5)
    }

    @Test func `After a while, or when the clock was set back, it is a new event`() {
        var recent = RecentEvents()
        let first = recent.add(event("pressure", "cache", at: 1_000))
        #expect(recent.add(event("pressure", "cache", at: 1_600)).id == first.id)
        let later = recent.add(event("pressure", "cache", at: 2_201))
        #expect(later.id != first.id && later.count == 1)
        #expect(recent.add(event("pressure", "cache", at: 500)).id != later.id)
    }

    @Test func `Ten thousand things that fail alike are a few events and one that counts the rest`() {
        var recent = RecentEvents()
        var ids: Set<Int64> = []
        var last = CatalogEvent(time: Timestamp(nanoseconds: 0), type: "")
        for number in 0..<10_000 {
            last = recent.add(event("fetch-failed", "archive", "object \(number)", at: Int64(number / 100)))
            ids.insert(last.id)
        }
        #expect(ids.count == RecentEvents.targetsMax + 1)
        #expect(last.count == 10_000 - RecentEvents.targetsMax)
        #expect(last.target == RecentEvents.many)
        // Others are told one by one all the same.
        #expect(recent.add(event("fetch-failed", "phone", "object 1", at: 100)).target == "object 1")
        // And the same again, when it is over.
        #expect(recent.add(event("fetch-failed", "archive", "new", at: 5_000)).target == "new")
    }

    @Test func `A restart goes on with what happened before`() {
        var before = RecentEvents()
        let told = before.add(event("connection-failed", "laptop", at: 0))
        var after = RecentEvents([told], last: (told.id, told.change))
        let again = after.add(event("connection-failed", "laptop", at: 60))
        #expect(again.id == told.id && again.count == 2)
        #expect(after.add(event("connection-failed", "phone", at: 60)).id == told.id + 1)
    }

    @Test func `What is remembered is bounded`() {
        var recent = RecentEvents()
        for number in 0..<20_000 { _ = recent.add(event("connection-failed", "device \(number)", at: 0)) }
        // Those that happened last are still known.
        #expect(recent.add(event("connection-failed", "device 19999", at: 1)).count == 2)
        #expect(recent.add(event("connection-failed", "device 1", at: 1)).count == 1)
    }
}
