package import Objects
import Synchronization

/// What went to another instance and came from it: objects and their bytes, not what carries them.
///
/// Counted where the bytes move; may be shared by several sessions, and outlives them.
package final class TransferCounters: Sendable {
    package enum Direction: Int, CaseIterable, Sendable { case received, sent }

    /// How it is at one moment.
    package struct Reading: Hashable, Sendable {
        package var objects: Int
        package var bytes: Int
        /// Over the last `RateRing.seconds`.
        package var bytesPerSecond: Int
    }

    /// Objects and bytes of each direction.
    private let counters: CounterTable
    private let rings: Mutex<[RateRing]>
    private let time: any Timekeeper
    private let moved: AsyncStream<Void>.Continuation?

    /// `moved` gets an element after each whole object.
    package init(time: any Timekeeper = SystemTime(), moved: AsyncStream<Void>.Continuation? = nil) {
        (self.time, self.moved) = (time, moved)
        counters = CounterTable(count: 2 * Direction.allCases.count)
        rings = Mutex(Direction.allCases.map { _ in RateRing() })
    }

    /// A whole object; its bytes are counted as they move.
    package func addObject(_ direction: Direction) {
        counters.add(at: 2 * direction.rawValue)
        moved?.yield()
    }

    func add(byteCount: Int, _ direction: Direction) {
        counters.add(byteCount, at: 2 * direction.rawValue + 1)
        let now = time.elapsed
        rings.withLock { $0[direction.rawValue].add(byteCount, at: now) }
    }

    package func reading(_ direction: Direction) -> Reading {
        let now = time.elapsed
        let rate = rings.withLock { $0[direction.rawValue].perSecond(at: now) }
        let start = 2 * direction.rawValue
        return Reading(objects: counters[start], bytes: counters[start + 1], bytesPerSecond: rate)
    }
}

/// Amounts of the last few whole seconds.
package struct RateRing: Sendable {
    /// So many whole seconds are looked at; the one under way is not over.
    package static let seconds = 10

    private var amounts = [Int](repeating: 0, count: seconds + 1)
    private var last = 0

    package init() {}

    package mutating func add(_ amount: Int, at now: Duration) {
        advance(to: now)
        amounts[last % amounts.count] += amount
    }

    package mutating func perSecond(at now: Duration) -> Int {
        advance(to: now)
        let current = amounts[last % amounts.count]
        return (amounts.reduce(0, +) - current) / Self.seconds
    }

    private mutating func advance(to now: Duration) {
        let second = Int(now.components.seconds)
        guard second > last else { return }
        for passed in 1...min(second - last, amounts.count) { amounts[(last + passed) % amounts.count] = 0 }
        // After a long pause all of them are empty, wherever the ring stands.
        last = second
    }
}
