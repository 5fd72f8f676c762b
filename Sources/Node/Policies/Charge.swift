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
        /// What is used or cannot be: what makes room, and what comes without being asked for, go by it.
        package var committed: Int { used + reserve }
        /// The same as a part of the limit.
        package var pressure: Double { limit > 0 ? Double(committed) / Double(limit) : 1 }
        /// What may still be stored.
        package var room: Int { max(0, limit - used) }
    }

    /// What is not counted with every change is looked at again after so long.
    private static let stalenessMax = Duration.seconds(1)

    private let store: ObjectStore
    private let catalog: Catalog
    let time: any Timekeeper
    let policies: PolicyBoard
    private let state = Mutex(State())
    private let alarm = Broadcast<Void>(bufferCount: 1)
    private let relief = Broadcast<Void>(bufferCount: 1)

    private struct State {
        var room = RoomPromises()
        var alarmMark = Int.max
        var beside: Beside?

        /// What the catalog may grow by.
        var growth: Int { beside?.growth ?? 0 }
    }

    private struct Beside {
        var counts: BesideByteCounts
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
            let reserve = quota.map { RoomPromises.reserve(of: $0, growth: state.growth) + state.room.refused }
            return (used, reserve ?? 0)
        }
        return Reading(used: used, quota: quota, free: try store.space().freeByteCount, reserve: reserve)
    }

    /// What is used, by what it is; together as much as `reading` tells at the same moment.
    package func kinds() throws(ObjectError) -> Snapshot.Kinds {
        try state.withLock { (state) throws(ObjectError) in
            let (objects, heads) = try catalog.chargedByteCounts()
            let beside = beside(&state)
            let counts = beside.counts
            return Snapshot.Kinds(
                objects: objects + counts.objects,
                heads: heads + counts.heads,
                chunks: counts.chunks,
                partial: counts.partial + store.partials.written.byteCount - beside.written,
                previews: counts.previews,
                catalog: counts.catalog,
                journal: counts.journal,
                other: counts.other
            )
        }
    }

    /// Promises room to each of what is to be stored, as long as there is any; sizes in bytes.
    ///
    /// Whoever is promised room gives the promise back by `settle`, when it is stored and counted, or will not be.
    package func promise(_ sizes: [Int]) -> [Bool] {
        promise(each: sizes.map(Allocation.byteCount(of:)), isWanted: false)
    }

    package func promise(_ size: Int) -> Bool { promise([size]).first == true }

    /// Whether so much could be stored now; nothing is promised.
    func hasRoom(for byteCount: Int) -> Bool {
        guard promise(byteCount) else { return false }
        settle([byteCount])
        return true
    }

    /// The same for all of them or none; what is `wanted` is worth making room for, however much it is.
    func promise(all sizes: [Int], isWanted: Bool) -> Bool {
        promise(each: [RoomPromises.needed(sizes)], isWanted: isWanted).first == true
    }

    private func promise(each needs: [Int], isWanted: Bool) -> [Bool] {
        let quota = quota
        let (answers, isAlarming) = state.withLock { state in
            // What cannot be counted is not kept from anybody: the disk has the last word.
            let used = quota == nil ? 0 : (try? used(&state)) ?? 0
            let answers = needs.map {
                state.room.promise($0, used: used, quota: quota, growth: state.growth, isWanted: isWanted)
            }
            return (answers, used + state.room.promised > state.alarmMark || answers.contains(false))
        }
        if quota != nil, isAlarming { alarm.tell() }
        return answers
    }

    /// Gives promises back.
    package func settle(_ sizes: [Int]) {
        let needed = RoomPromises.needed(sizes)
        state.withLock { $0.room.settle(needed) }
    }

    /// Something was stored that nobody has to ask for, or may go from now on: looks whether it is time to make room.
    func look() {
        let isAlarming = state.withLock { ((try? used(&$0)) ?? 0) + $0.room.promised > $0.alarmMark }
        if isAlarming { alarm.tell() }
    }

    /// The most that objects can ever take here, if all that are not wanted go; nil: unlimited.
    func objectRoom() throws(ObjectError) -> Int? {
        guard let quota else { return nil }
        let objects = try catalog.objectsChargedByteCount()
        let (used, growth) = try state.withLock { (state) throws(ObjectError) in
            (try self.used(&state), state.growth)
        }
        return max(0, quota - RoomPromises.reserve(of: quota, growth: growth) - max(0, used - objects))
    }

    /// What is counted by looking has changed much: parts have become an object, or have gone.
    package func expire() { state.withLock { $0.beside = nil } }

    /// Room was made by somebody else than who watches over it.
    func tellRoomMade() { alarm.tell(()) }

    /// Room was made as well as it can be, also for what found none.
    func forgetRefused() {
        state.withLock { $0.room.forgetRefused() }
        relief.tell()
    }

    /// An element whenever room was made as well as it can be.
    func reliefs() -> AsyncStream<Void> { relief.listen() }

    /// An element when something found no room, more is used than is worth an alarm, or room was made by a person; never
    /// more than one waiting.
    package func alarms() -> AsyncStream<Void> { alarm.listen() }

    /// Sets how many used bytes are worth an alarm.
    package func raiseAlarm(above byteCount: Int) { state.withLock { $0.alarmMark = byteCount } }

    /// Read before the promises are: what has been counted by then is still promised, never the other way round.
    private func used(_ state: inout State) throws(ObjectError) -> Int {
        let beside = beside(&state)
        let written = store.partials.written.byteCount - beside.written
        return try catalog.chargedByteCount() + beside.counts.total + written
    }

    private func beside(_ state: inout State) -> Beside {
        let now = time.elapsed
        if let last = state.beside, now - last.time < Self.stalenessMax { return last }
        // What is written to parts meanwhile may be looked at already: then it is counted twice for a moment, never not.
        let written = store.partials.written.byteCount
        let beside = Beside(
            counts: store.besideByteCounts(),
            growth: catalog.journalGrowthMax,
            written: written,
            time: now
        )
        state.beside = beside
        return beside
    }
}
