import Catalog
package import Objects
import Storage
import Synchronization

/// What this instance takes of its disk, and what it may take (design 9).
///
/// Counts whole blocks of everything below the root, as du(1) does: objects and heads by the totals of the catalog, the
/// rest by looking. What is about to be stored is promised its room first, so that everything together stays within the
/// quota.
package final class Charge: Sendable {
    /// How it is at one moment, in bytes.
    package struct Reading: Hashable, Sendable {
        package var used: Int
        /// nil: unlimited.
        package var quota: Int?
        /// What the disk has left, whoever wants it.
        package var free: Int
        /// What cannot be used for more objects although it is free: the catalog may grow, and somebody found no room.
        package var reserve: Int

        package init(used: Int, quota: Int?, free: Int, reserve: Int = 0) {
            (self.used, self.quota, self.free, self.reserve) = (used, quota, free, reserve)
        }

        /// The most that can be used: the smaller of the quota and what there is on the disk.
        package var limit: Int {
            let (disk, overflow) = used.addingReportingOverflow(free)
            return min(quota ?? .max, overflow ? .max : disk)
        }
        /// Of the limit; above 1 when the quota was made smaller.
        package var fraction: Double { limit > 0 ? Double(used) / Double(limit) : 1 }
        /// Of the limit, what is used or cannot be: what makes room goes by it.
        package var pressure: Double { limit > 0 ? Double(used + reserve) / Double(limit) : 1 }
        /// What may still be stored.
        package var room: Int { max(0, limit - used) }
    }

    /// What is not counted with every change is looked at again after so long.
    private static let stalenessMax = Duration.seconds(1)
    /// One part of so many of the quota is left to what is noted of what is not kept.
    private static let marginPart = 50
    /// Nothing makes room for what would take more than one part of so many of the quota by itself.
    private static let refusedPart = 8

    private let store: ObjectStore
    private let catalog: Catalog
    private let time: any Timekeeper
    private let policies: PolicyBoard
    private let state = Mutex(State())
    private let alarm = Broadcast<Void>(bufferCount: 1)

    private struct State {
        /// Of what is being stored.
        var promised = 0
        var alarmMark = Int.max
        /// The largest that found no room since room was last made.
        var refused = 0
        var beside: Beside?
    }

    private struct Beside {
        var byteCount: Int
        /// What the catalog may grow by.
        var growth: Int
        /// What had been written to parts by then.
        var written: Int
        var time: Duration
    }

    init(store: ObjectStore, catalog: Catalog, time: any Timekeeper, policies: PolicyBoard) {
        (self.store, self.catalog, self.time, self.policies) = (store, catalog, time, policies)
    }

    private var quota: Int? { policies.current.maxStorage?.value }
    /// Whether what was brought for a reader stays.
    var keepsReads: Bool { policies.current.cacheStrategy != .never }

    /// How it is now.
    package func reading() throws(ObjectError) -> Reading {
        let quota = quota
        let (used, reserve) = try state.withLock { (state) throws(ObjectError) -> (Int, Int) in
            let used = try self.used(&state)
            return (used, quota.map { self.reserve(of: $0, state) + state.refused } ?? 0)
        }
        return Reading(used: used, quota: quota, free: try store.space().freeByteCount, reserve: reserve)
    }

    /// Promises room to each of what is to be stored, as long as there is any; sizes in bytes.
    ///
    /// Whoever is promised room gives the promise back by `settle`, when it is stored and counted, or will not be.
    package func promise(_ sizes: [Int]) -> [Bool] {
        guard let quota else {
            // It may be given a quota before this is settled.
            let byteCount = sizes.reduce(0) { $0 + Allocation.byteCount(of: $1) }
            state.withLock { $0.promised += byteCount }
            return sizes.map { _ in true }
        }
        let (answers, isAlarming) = state.withLock { state in
            // What cannot be counted is not kept from anybody: the disk has the last word.
            let used = (try? used(&state)) ?? 0
            var rest = quota - reserve(of: quota, state) - used - state.promised
            let answers = sizes.map { size in
                let needed = Allocation.byteCount(of: size)
                guard needed <= rest else {
                    if needed <= quota / Self.refusedPart { state.refused = max(state.refused, needed) }
                    return false
                }
                rest -= needed
                state.promised += needed
                return true
            }
            return (answers, used + state.promised > state.alarmMark || answers.contains(false))
        }
        if isAlarming { alarm.tell(()) }
        return answers
    }

    package func promise(_ size: Int) -> Bool { promise([size]).first == true }

    /// Gives promises back.
    package func settle(_ sizes: [Int]) {
        let byteCount = sizes.reduce(0) { $0 + Allocation.byteCount(of: $1) }
        state.withLock { $0.promised -= byteCount }
    }

    /// What is counted by looking has changed much: parts have become an object, or have gone.
    package func expire() { state.withLock { $0.beside = nil } }

    /// Room was made as well as it can be, also for what found none.
    func forgetRefused() { state.withLock { $0.refused = 0 } }

    /// An element when something found no room, or more is used than is worth an alarm; never more than one waiting.
    package func alarms() -> AsyncStream<Void> { alarm.listen() }

    /// Sets how many used bytes are worth an alarm.
    package func raiseAlarm(above byteCount: Int) { state.withLock { $0.alarmMark = byteCount } }

    /// Whatever is not kept is noted as well, and the catalog grows by it.
    private func reserve(of quota: Int, _ state: State) -> Int {
        quota / Self.marginPart + (state.beside?.growth ?? 0)
    }

    /// Read before the promises are: what has been counted by then is still promised, never the other way round.
    private func used(_ state: inout State) throws(ObjectError) -> Int {
        let now = time.elapsed
        let written = store.partials.written.byteCount
        let beside: Beside
        if let last = state.beside, now - last.time < Self.stalenessMax {
            beside = last
        } else {
            beside = Beside(
                byteCount: store.besideByteCount(),
                growth: catalog.journalGrowthMax,
                written: written,
                time: now
            )
            state.beside = beside
        }
        return try catalog.chargedByteCount() + beside.byteCount + written - beside.written
    }
}
