package import Objects
package import Storage
import Synchronization
import Views

/// What this device has learnt of its owner's habits, and what came of what it fetched ahead.
///
/// Kept in `habits.json` of the root: derived, bounded, left out of backups, told to nobody.
package final class Foresight: Sendable {
    static let fileName = "habits.json"
    private static let fileByteCountMax = 8 << 20
    /// Reasons that are remembered after what they are about was used or wasted.
    fileprivate static let endCountMax = 2_048

    /// What is fetched ahead: an object, or the text of a day.
    package enum Thing: Hashable, Sendable, Codable {
        case object(ObjectHash)
        case document(EntryNumber)
    }

    fileprivate struct State {
        var record = Record()
        var ledger = AheadLedger<Thing>()
        var ends: [Thing: AheadLedger<Thing>.End] = [:]
        var isChanged = false
    }

    /// What the file has.
    fileprivate struct Record: Codable {
        var habits = Habits()
        var confidence = Confidence()
        var tally = AheadTally()
        var pending: [Pending] = []
    }

    fileprivate struct Pending: Codable {
        var thing: Thing
        var item: AheadLedger<Thing>.Item
    }

    private let file: SmallFile
    private let state: Mutex<State>

    /// A file that cannot be read any more is begun anew: nothing but experience is lost.
    package init(disk: any Disk) {
        file = SmallFile(Self.fileName, on: disk, byteCountMax: Self.fileByteCountMax)
        var state = State()
        if let text = try? file.read(), let record = try? JSONText.decode(Record.self, from: text) {
            state.record = record
            for pending in record.pending { _ = state.ledger.add(pending.thing, pending.item) }
            state.record.pending = []
        }
        self.state = Mutex(state)
    }

    /// Writes it down, if anything is other than before.
    func save() throws {
        let record = state.withLock { state -> Record? in
            guard state.isChanged else { return nil }
            state.isChanged = false
            var record = state.record
            record.pending = state.ledger.items.map { Pending(thing: $0.key, item: $0.item) }
            return record
        }
        if let record { try file.replace(with: JSONText.encode(record)) }
    }

    // MARK: Habits

    /// A place is opened, at seconds since 1970; `newest`: places with the time of what came last, the newest first.
    func open(_ place: EntryNumber, at time: Double, newest: [(place: EntryNumber, time: Double)]) {
        state.withLock { state in
            state.record.habits.open(place, at: time, fresh: state.fresh(newest))
            state.finish(state.ledger.expire(at: time))
            state.isChanged = true
        }
    }

    /// What is worth having ready.
    func preparations(at time: Double, newest: [(place: EntryNumber, time: Double)]) -> [Preparation] {
        state.withLock { $0.record.habits.preparations(at: time, fresh: $0.fresh(newest)) }
    }

    /// Whether guesses are fetched, and not only noted.
    package var isGuessing: Bool { state.withLock { $0.record.confidence.isOn } }

    // MARK: What came of it

    /// Fetched ahead, or only noted while guessing is off; false if it was noted before.
    @discardableResult
    func note(_ thing: Thing, _ item: AheadLedger<Thing>.Item) -> Bool {
        state.withLock { state in
            guard state.ledger[thing] == nil else { return false }
            if !item.isPretended {
                state.record.tally.fetchedBytes += item.byteCount
                state.record.tally.fetched += 1
            }
            state.finish(state.ledger.add(thing, item))
            state.isChanged = true
            return true
        }
    }

    /// Somebody opened a file: what was fetched ahead for it has been of use, if it is still here.
    func used(_ use: Use) {
        guard use.action == .opened else { return }
        let thing: Thing
        switch use.entry.kind {
        case .object(let hash): thing = .object(hash)
        case .document: thing = .document(use.entry.number)
        case .directory, .link: return
        }
        let isHere = use.entry.localByteCount >= use.entry.byteCount
        state.withLock { state in
            guard let item = state.ledger[thing] else { return }
            // What is noted only would have been here.
            let wasOfUse = item.isPretended || isHere
            guard let end = wasOfUse ? state.ledger.use(thing) : state.ledger.lose(thing) else { return }
            state.finish([end], of: thing)
            state.isChanged = true
        }
    }

    /// In figures, for the status.
    package var report: AheadReport {
        state.withLock { state in
            AheadReport(
                tally: state.record.tally,
                waitingBytes: state.ledger.pendingByteCount,
                isGuessing: state.record.confidence.isOn,
                openings: state.record.habits.openedCount
            )
        }
    }

    /// Why an object was fetched before anybody asked for it, and what came of it; nil if it was not, or long ago.
    package func origin(of thing: Thing) -> (item: AheadLedger<Thing>.Item, wasUsed: Bool?)? {
        state.withLock { state in
            if let item = state.ledger[thing] { return item.isPretended ? nil : (item, nil) }
            guard let end = state.ends[thing], !end.item.isPretended else { return nil }
            return (end.item, end.wasUsed)
        }
    }
}

extension Foresight.State {
    /// Places to which something came since they were opened last.
    func fresh(_ newest: [(place: EntryNumber, time: Double)]) -> [UInt64] {
        newest.filter { $0.time > record.habits.lastOpened($0.place) ?? 0 }.map(\.place)
    }

    mutating func finish(_ ends: [AheadLedger<Foresight.Thing>.End], of thing: Foresight.Thing? = nil) {
        for end in ends {
            if !end.item.isPretended {
                record.tally.add(end)
                if let thing {
                    if self.ends.count >= Foresight.endCountMax { self.ends.removeAll() }
                    self.ends[thing] = end
                }
            }
            if end.item.why.isGuess {
                record.confidence.note(byteCount: end.item.byteCount, wasUsed: end.wasUsed)
            }
        }
    }
}
