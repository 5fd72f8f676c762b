import Objects
import Peers
import Storage
import Synchronization

/// What belongs to one time of fetching, from the first who wants something until nobody does.
struct RunState: Sendable {
    /// Wakes the parts of the run.
    var bells: [AsyncStream<Void>.Continuation] = []
    /// Holders that are being asked.
    var active: [String: HolderState] = [:]
    /// There may be holders that were not asked.
    var mustLookForHolders = true
    /// Holders that were asked or are: each gets one try a run.
    var seen: Set<String> = []
    /// Whose word is not taken for this object in this run.
    var liars: Set<String> = []
    /// Holders whose chunks did not fit the list of somebody else: one of the two is wrong.
    var doubted: Set<String> = []
    var isListing = false
    /// Whom the list was asked for.
    var listed: Set<String> = []
    /// Holders that give it as a whole only, and are asked for that.
    var wholes: Set<String> = []
    /// To end what a holder was asked for, with the reason.
    var revocations: [Int: OneShot<ObjectError>] = [:]
    /// The worst that happened, for those who get nothing.
    var worst: ObjectError = .unreachable
    /// All is here: it is being stored.
    var isConcluding = false
    var isOver = false

    struct HolderState: Sendable {
        /// Measured; nil: not yet.
        var bytesPerSecond: Double?
        /// It was slower than others: until then they go first.
        var benchedUntil: Duration = .zero
    }
}

extension Assembly {
    /// Fetches what is wanted, until nothing is any more.
    func run() async {
        // It may have come between a look at the disk and the first who wants something of it here.
        if (try? store.localByteCount(of: hash)) != nil {
            state.withLock { Self.finish(&$0) }
            store.partials.remove(hash)
        } else {
            await bring()
        }
        conclude()
    }

    private func bring() async {
        prepare()
        await withTaskGroup(of: Void.self) { group in
            let bell = self.bell()
            group.addTask { await self.watch() }
            group.addTask { await self.workHere() }
            group.addTask { await self.hashAlong() }
            group.addTask { await self.compare() }
            repeat {
                for holder in self.newHolders() {
                    for isForReaders in [true, true, true, false, false] {
                        group.addTask { await self.ask(holder, forReaders: isForReaders) }
                    }
                }
                self.giveUpWhatIsOutOfReach()
                if self.mustList() { group.addTask { await self.list() } }
                if self.isOver() { break }
            } while await bell.wait()
            group.cancelAll()
        }
    }

    /// A bell that rings whenever something has changed, for one task.
    func bell() -> Bell {
        let bell = Bell()
        state.withLock { $0.run?.bells.append(bell.continuation) }
        return bell
    }

    struct Bell: Sendable {
        private let stream: AsyncStream<Void>
        fileprivate let continuation: AsyncStream<Void>.Continuation

        init() { (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

        /// Waits until it has rung; false when the task is cancelled.
        func wait() async -> Bool {
            var iterator = stream.makeAsyncIterator()
            return await iterator.next() != nil
        }
    }

    /// Waits until there is something to do; nil at the end of the run.
    func next<Work>(_ bell: Bell, _ choose: (inout State) -> Work?) async -> Work? {
        while !Task.isCancelled {
            let (work, isOver) = state.withLock { state -> (Work?, Bool) in
                guard state.run?.isOver == false else { return (nil, true) }
                return (choose(&state), false)
            }
            if isOver { return nil }
            if let work { return work }
            guard await bell.wait() else { return nil }
        }
        return nil
    }

    /// What a file takes of the disk of which nothing is here: its map and the list of its chunks.
    private static let emptyByteCount = 2 * Allocation.blockByteCount

    /// Takes up what an earlier process left.
    private func prepare() {
        lookForOlderVersions()
        let hasFile = state.withLock { state in
            // There may be room by now.
            state.isFull = false
            return state.file != nil
        }
        guard !hasFile else { return }
        do throws(ObjectError) {
            if store.partials.byteCount(of: hash) == 0, charge?.hasRoom(for: Self.emptyByteCount) == false {
                throw .noSpace
            }
            let file = try store.partials.open(hash, byteCount: known.byteCount)
            let (map, list) = (file.map(), file.chunkList())
            state.withLock { state in
                state.file = file
                state.hasEarlierParts = !map.isEmpty
                for range in map.ranges { state.plan.wrote(range) }
                if let list { state.plan.list = list }
            }
        } catch {
            state.withLock { state in
                state.isFull = true
                if error != .noSpace || !state.guests.isEmpty { Self.failGuests(error, &state) }
            }
        }
    }

    /// Holders that can be asked now and were not yet.
    private func newHolders() -> [Holder] {
        let isNew = state.withLock { state in
            defer { state.run?.mustLookForHolders = false }
            return state.run?.mustLookForHolders == true
        }
        guard isNew else { return [] }
        let holders = directory.holders(of: hash)
        return state.withLock { state in
            guard state.run?.isOver == false else { return [] }
            let new = holders.filter { state.run?.seen.insert($0.name).inserted == true }
            for holder in new {
                state.run?.active[holder.name] = RunState.HolderState()
                if !holder.givesRanges { state.run?.listed.insert(holder.name) }
            }
            return new
        }
    }

    /// Nobody can be asked: whoever needs more than is here is told why.
    private func giveUpWhatIsOutOfReach() {
        let isAlone = state.withLock { state in
            guard let run = state.run, run.active.isEmpty, !run.isConcluding, !run.isOver, !run.mustLookForHolders
            else { return false }
            let needsList = state.plan.isListNeeded && !state.plan.list.isComplete
            return needsList || !state.plan.isWhole || !state.plan.isAllPresent
        }
        guard isAlone else { return }
        if takeUpDoubted() { return ring() }
        let reason = state.withLock { $0.run?.worst ?? .unreachable }
        let error = reason == .unreachable ? directory.absence(of: hash) : reason
        let isTold = state.withLock { state in
            let isWaiting = !state.guests.isEmpty || !state.waiters.isEmpty
            for (number, waiter) in state.waiters where !state.plan.isWithinReach(waiter.range) {
                state.waiters[number] = nil
                state.plan.wantNoMore(number)
                waiter.outcome.fulfil(.failure(error))
            }
            for reader in state.readers.keys { state.plan.expect(0..<0, by: reader) }
            if !state.plan.isAllPresent { Self.failGuests(error, &state) }
            return isWaiting
        }
        if isTold, reason == .unreachable { directory.failed(hash, error, at: nil) }
    }

    /// Ends the run when nobody wants anything of it any more.
    private func isOver() -> Bool {
        state.withLock { state in
            guard let run = state.run, !run.isOver else { return true }
            // A reader that has it open may soon want what the rest of the list tells.
            let isListing = run.isListing && !state.readers.isEmpty && !run.active.isEmpty
            // One that seeks, or reads what others have read, wants nothing for a moment; what is on its way to it is sent
            // already, and would have to be sent again.
            let isBringing = !state.plan.asked.isEmpty && !state.readers.isEmpty
            let canBeHashed = state.plan.isAllPresent && (!state.plan.isDoubted || state.plan.isAllGood)
            let isIdle =
                state.plan.isSatisfied && !isListing && !isBringing && !run.isConcluding
                && !(canBeHashed && state.file != nil)
            if isIdle || state.isComplete { state.run?.isOver = true }
            return isIdle || state.isComplete
        }
    }

    private func conclude() {
        save()
        let mustGoOn = state.withLock { state in
            if Task.isCancelled { Self.fail(.unreachable, &state) }
            state.run = nil
            let mustGoOn = !state.plan.isSatisfied && !state.isComplete
            if !mustGoOn { removeNothing(&state) }
            return mustGoOn
        }
        // Somebody came while the parts of the run were ending.
        if mustGoOn { state.withLock { launch(&$0) } }
    }

    /// Nothing of it found room, or was to be kept: then its empty file goes, too.
    private func removeNothing(_ state: inout State) {
        guard state.file != nil, state.plan.present.isEmpty, state.readers.isEmpty, !state.isComplete else { return }
        state.file = nil
        store.partials.remove(hash)
    }

    /// A new file, after one that was wrong.
    func reopen() {
        guard let file = try? store.partials.open(hash, byteCount: known.byteCount) else { return }
        state.withLock { $0.file = file }
    }

    /// Writes down what is here, for the next process.
    func save() {
        let (file, present, isComplete) = state.withLock { ($0.file, $0.plan.present, $0.isComplete) }
        guard let file, !isComplete else { return }
        file.saveMap(present)
        store.partials.note(present.ranges.reduce(0) { $0 + $1.count }, of: hash)
    }

    static func fail(_ error: ObjectError, _ state: inout State) {
        for (number, waiter) in state.waiters {
            state.plan.wantNoMore(number)
            waiter.outcome.fulfil(.failure(error))
        }
        state.waiters = [:]
        failGuests(error, &state)
    }

    static func failGuests(_ error: ObjectError, _ state: inout State) {
        for guest in state.guests.values { guest.fulfil(.failure(error)) }
        state.guests = [:]
        state.plan.isWhole = false
    }
}
