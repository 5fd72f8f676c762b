import Objects
import Peers
import Storage
import Synchronization
import SystemPackage

/// One large object that is fetched in parts, whoever reads it and however many do.
///
/// Chunks that readers wait for come first, each once; what comes is checked against the list of chunks before anybody sees
/// it, and kept in a partial file. When all is here the whole is hashed: then it is an object, or it was wrong, and nobody
/// is told that it is here.
final class Assembly: Sendable {
    let known: KnownObject
    let store: ObjectStore
    let directory: any HolderDirectory
    let time: any Timekeeper
    /// Longest time without progress before a holder counts as stuck.
    let deadline: Duration
    let charge: Charge?
    /// Has `run` called, beside other assemblies; false if there is nobody to call it any more.
    private let start: @Sendable (Assembly) -> Bool
    let state: Mutex<State>
    let hashed = Mutex(HashedPrefix())

    struct State: Sendable {
        var plan: FetchPlan
        /// nil until it was needed, and when there is no room for one.
        var file: PartialFile?
        /// A full disk: what comes is given to readers, and not kept.
        var isFull = false
        var waiters: [Int: Waiter] = [:]
        /// Who waits for the whole object.
        var guests: [Int: OneShot<Result<Void, ObjectError>>] = [:]
        /// One of them waits to read it.
        var isUrgent = false
        /// Who has it open, and how far each has read in order.
        var readers: [Int: ReadAhead] = [:]
        var lastNumber = 0
        /// Who gave the list; nil if that was to an earlier process.
        var lister: String?
        /// Who gave bytes that are present.
        var givers: Set<String> = []
        /// What an earlier process wrote is among what is present.
        var hasEarlierParts = false
        /// Older versions of it that are here; nil until they were looked for.
        var versions: [KnownObject]?
        /// The same, looked through.
        var older: OlderVersions?
        /// All its bytes are in the store.
        var isComplete = false
        /// nil: nothing is fetched now.
        var run: RunState?

        mutating func number() -> Int {
            lastNumber += 1
            return lastNumber
        }
    }

    /// A reader that waits for the rest of a range.
    struct Waiter: Sendable {
        var range: Range<Int>
        /// What is not delivered yet.
        var missing: RangeSet<Int>
        var bytes: [UInt8]
        /// The bytes but those that were here; nil: the object is whole.
        let outcome = OneShot<Result<[UInt8]?, ObjectError>>()
    }

    /// What was hashed of the whole, from its first byte on.
    struct HashedPrefix: ~Copyable {
        var hasher = SHA256()
        var byteCount = 0
        /// That of the plan: bytes given up since then void it.
        var generation = 0
    }

    init(
        _ known: KnownObject,
        store: ObjectStore,
        directory: any HolderDirectory,
        time: any Timekeeper,
        deadline: Duration,
        charge: Charge?,
        start: @escaping @Sendable (Assembly) -> Bool
    ) {
        (self.known, self.store, self.directory) = (known, store, directory)
        (self.time, self.deadline, self.charge, self.start) = (time, deadline, charge, start)
        state = Mutex(State(plan: FetchPlan(byteCount: known.byteCount)))
    }

    var hash: ObjectHash { known.hash }

    // MARK: Readers

    /// Bytes of a range inside the object; nil if it is whole now, and to be read from the store.
    func read(_ range: Range<Int>, by reader: Int) async throws(ObjectError) -> [UInt8]? {
        let (here, waiter) = state.withLock { state in begin(range, reader, &state) }
        ring()
        guard let (number, outcome) = waiter else { return here == nil ? nil : try readHere(range) }
        guard let result = await outcome.value() else {
            state.withLock { state in
                state.waiters[number] = nil
                state.plan.wantNoMore(number)
            }
            ring()
            throw .cancelled
        }
        guard var bytes = try result.get() else { return nil }
        for part in here?.ranges.map({ $0 }) ?? [] {
            let place = part.lowerBound - range.lowerBound..<part.upperBound - range.lowerBound
            guard let read = try readHere(part) else { return nil }
            bytes.replaceSubrange(place, with: read)
        }
        return bytes
    }

    /// What of a range can be given now (nil: the store has all), and whom to wait for, if for anybody.
    private func begin(
        _ range: Range<Int>,
        _ reader: Int,
        _ state: inout State
    ) -> (here: RangeSet<Int>?, (number: Int, OneShot<Result<[UInt8]?, ObjectError>>)?) {
        guard !state.isComplete else { return (nil, nil) }
        note(range, reader, &state)
        let good = state.plan.good.intersection(RangeSet(range))
        let missing = RangeSet(range).subtracting(good)
        guard !missing.isEmpty else {
            launch(&state)
            return (good, nil)
        }
        let number = state.number()
        let waiter = Waiter(range: range, missing: missing, bytes: [UInt8](repeating: 0, count: range.count))
        state.waiters[number] = waiter
        state.plan.want(range, by: number)
        launch(&state)
        return (good, (number, waiter.outcome))
    }

    /// The file with the bytes of a range, if all of them are here and good.
    func local(_ range: Range<Int>, by reader: Int) -> PartialFile? {
        let (file, isNews) = state.withLock { state -> (PartialFile?, Bool) in
            guard state.plan.isGood(range), let file = state.file else { return (nil, false) }
            let before = state.plan.ahead[reader]
            note(range, reader, &state)
            let isNews = state.plan.ahead[reader] != before && !state.plan.isSatisfied
            if isNews { launch(&state) }
            return (file, isNews)
        }
        if isNews { ring() }
        return file
    }

    private func note(_ range: Range<Int>, _ reader: Int, _ state: inout State) {
        guard let next = state.readers[reader]?.read(range), !state.isFull else { return }
        state.plan.expect(next.clamped(to: 0..<known.byteCount), by: reader)
    }

    /// Bytes that were good a moment ago; nil: the object is whole now.
    private func readHere(_ range: Range<Int>) throws(ObjectError) -> [UInt8]? {
        let (file, isComplete) = state.withLock { ($0.file, $0.isComplete) }
        guard let file else {
            if isComplete { return nil }
            throw .system(.ioError, "a part of \(hash) is gone")
        }
        return try file.read(range)
    }

    /// Somebody has it open.
    func enter() -> Int {
        state.withLock { state in
            let number = state.number()
            state.readers[number] = ReadAhead()
            return number
        }
    }

    /// What was expected of this reader is not fetched any more.
    func leave(_ reader: Int) {
        state.withLock { state in
            state.readers[reader] = nil
            state.plan.expect(0..<0, by: reader)
        }
        ring()
    }

    /// Waits until all is in the store.
    func fetch(_ priority: CallPriority) async throws(ObjectError) {
        let guest: (number: Int, outcome: OneShot<Result<Void, ObjectError>>)? = state.withLock { state in
            guard !state.isComplete else { return nil }
            let guest = (state.number(), OneShot<Result<Void, ObjectError>>())
            // Of what is read now nothing is kept any more: nobody else would tell who waits for all of it.
            if state.isFull, state.run != nil {
                guest.1.fulfil(.failure(.noSpace))
                return guest
            }
            state.guests[guest.0] = guest.1
            state.plan.isWhole = true
            state.isUrgent = state.isUrgent || priority == .reader
            // Of a run that has lost all its holders there may be others by now.
            state.run?.mustLookForHolders = true
            launch(&state)
            return guest
        }
        ring()
        guard let guest else { return }
        guard let result = await guest.outcome.value() else {
            state.withLock { state in
                state.guests[guest.number] = nil
                state.plan.isWhole = !state.guests.isEmpty
            }
            ring()
            throw .cancelled
        }
        try result.get()
    }

    /// Nobody needs it in memory.
    var isForgettable: Bool {
        state.withLock { $0.run == nil && $0.readers.isEmpty && $0.waiters.isEmpty && $0.guests.isEmpty }
    }

    func launch(_ state: inout State) {
        guard state.run == nil, !state.plan.isSatisfied else { return }
        state.run = RunState()
        if !start(self) {
            state.run = nil
            Self.fail(.unreachable, &state)
        }
    }

    /// Wakes everything that waits for something to do.
    func ring() {
        for bell in state.withLock({ $0.run?.bells ?? [] }) { bell.yield() }
    }
}
