import Objects
import Peers
import Storage
import Synchronization
import SystemPackage

/// What becomes of holders that fail, lie, stall or are slow.
extension Assembly {
    /// Without progress for so long, a range is given to a holder that has nothing to do.
    private static let patience = Duration.seconds(1)
    private static let benchTime = Duration.seconds(3)
    private static let saveInterval = Duration.seconds(1)

    /// A holder failed: it is not asked again in this run.
    func failed(_ holder: Holder, _ error: ObjectError) async {
        if error == Fetcher.wrongSize { return await takeWhole(from: holder) }
        let isBlamed = state.withLock { state -> Bool in
            guard state.run?.active[holder.name] != nil else { return false }
            guard case .damaged = error else {
                state.run?.drop(holder.name, error)
                return true
            }
            guard state.plan.isListNeeded, let lister = state.lister, lister != holder.name else {
                if state.plan.isListNeeded, state.lister == nil {
                    // The list an earlier process left may be what is wrong.
                    state.plan.dropList()
                    state.file?.removeChunkList()
                    return false
                }
                state.run?.drop(holder.name, error)
                state.run?.liars.insert(holder.name)
                state.plan.dropList()
                return true
            }
            // Either this one or who gave the list is wrong: the whole will show.
            state.run?.active[holder.name] = nil
            state.run?.doubted.insert(holder.name)
            return false
        }
        if isBlamed { directory.failed(hash, error, at: holder.name) }
    }

    /// When only those are left whose chunks did not fit somebody's list: takes their word instead.
    func takeUpDoubted() -> Bool {
        state.withLock { state in
            guard let doubted = state.run?.doubted, !doubted.isEmpty else { return false }
            state.plan.dropList()
            state.lister = nil
            state.run?.seen.subtract(doubted)
            state.run?.doubted = []
            state.run?.mustLookForHolders = true
            return true
        }
    }

    /// Revokes what makes no progress, and what a holder that has nothing to do would bring sooner.
    func watch() async {
        let tick = min(.milliseconds(250), deadline / 4)
        var saved = time.elapsed
        while state.withLock({ $0.run?.isOver == false }) {
            do { try await time.sleep(for: tick) } catch { return }
            let now = time.elapsed
            state.withLock { state in
                state.run?.mustLookForHolders = true
                let busy = Set(state.plan.asked.values.map(\.holder))
                for (number, ask) in state.plan.asked {
                    if now - ask.moved >= deadline {
                        state.run?.revocations[number]?.fulfil(.timedOut)
                    } else if isSlow(ask, now, busy, state) {
                        state.run?.active[ask.holder]?.benchedUntil = now + Self.benchTime
                        state.run?.revocations[number]?.fulfil(.cancelled)
                    }
                }
            }
            if now - saved >= Self.saveInterval {
                saved = now
                save()
            }
            ring()
        }
    }

    private func isSlow(_ ask: FetchPlan.Ask, _ now: Duration, _ busy: Set<String>, _ state: State) -> Bool {
        guard let active = state.run?.active, !active.allSatisfy({ busy.contains($0.key) }) else { return false }
        let idle = active.filter { !busy.contains($0.key) && $0.value.benchedUntil <= now }
        guard !idle.isEmpty else { return false }
        if now - ask.moved >= Self.patience { return true }
        let age = (now - ask.started) / .seconds(1)
        guard age >= 1, let best = idle.values.compactMap(\.bytesPerSecond).max() else { return false }
        let rest = Double(ask.range.count - ask.arrivedByteCount)
        return rest / max(1, Double(ask.arrivedByteCount) / age) > 1 + 4 * rest / best
    }

    /// A holder has an object of another size than was told: takes it in one stream, as only its hash tells who is right.
    private func takeWhole(from holder: Holder) async {
        let result = await withDeadline { progress throws(ObjectError) in
            try await self.stageWhole(from: holder, progress)
        }
        switch result {
        case .success(let object):
            directory.stored([(object, holder.name)])
            state.withLock { state in
                state.isComplete = true
                Self.fail(Fetcher.wrongSize, &state)
            }
            store.partials.remove(hash)
        case .failure(let error):
            state.withLock { $0.run?.drop(holder.name, error) }
            if error != .cancelled { directory.failed(hash, error, at: holder.name) }
        }
    }

    /// What a holder is asked for; `.timedOut` if it makes no progress for too long.
    func withDeadline<Value: Sendable>(
        _ body: @escaping @Sendable (ProgressWatch) async throws(ObjectError) -> Value
    ) async -> Result<Value, ObjectError> {
        let progress = ProgressWatch(time: time)
        return await withTaskGroup(of: Result<Value, ObjectError>.self) { group in
            group.addTask {
                do throws(ObjectError) { return .success(try await body(progress)) } catch { return .failure(error) }
            }
            group.addTask { .failure(await progress.stalls(for: self.deadline) ? .timedOut : .cancelled) }
            defer { group.cancelAll() }
            return await group.next() ?? .failure(.cancelled)
        }
    }

    func stageWhole(from holder: Holder, _ progress: ProgressWatch) async throws(ObjectError) -> KnownObject {
        let pieces = try await holder.open(hash, .background)
        var staged = try store.stage()
        while let piece = try await pieces.next() {
            progress.advance()
            guard staged.byteCount + piece.count <= known.byteCount else { throw .damaged(by: holder.name) }
            try staged.append(piece)
        }
        do throws(ObjectError) {
            return try staged.commit(expecting: hash)
        } catch .damaged {
            throw .damaged(by: holder.name)
        }
    }
}

extension RunState {
    /// Everything begins anew, with those who are left.
    mutating func startOver() {
        (doubted, isConcluding, mustLookForHolders) = ([], false, true)
    }

    /// Does not ask this holder any more.
    mutating func drop(_ holder: String, _ error: ObjectError) {
        active[holder] = nil
        if error != .cancelled, error.urgency > worst.urgency { worst = error }
    }
}
