import Objects
import Peers
import Storage
import Synchronization

/// What is done on this device: checking what is here, and storing the whole.
extension Assembly {
    /// What is hashed between two looks at what has come.
    private static let stepByteCount = 4 << 20
    private static let stepByteCountMin = 256 << 10

    /// Checks and copies what somebody wants.
    func workHere() async {
        let bell = bell()
        while let work = await next(bell, { $0.run?.isConcluding == true ? nil : $0.plan.nextLocalWork() }) {
            switch work {
            case .check(let chunk): check(chunk)
            case .copy(let chunk): copy(chunk)
            }
            await Task.yield()
        }
    }

    private func check(_ chunk: Int) {
        let (file, range, hash) = state.withLock { state in
            (state.file, state.plan.list.range(of: chunk), state.plan.list.hash(of: chunk))
        }
        if let bytes = try? file?.read(range), ObjectHash(of: bytes) == hash {
            confirm(bytes, range, hash, isKept: true)
        } else {
            state.withLock { $0.plan.lost(range) }
            ring()
        }
    }

    private func copy(_ chunk: Int) {
        let (older, range, hash) = state.withLock { state in
            (state.older, state.plan.list.range(of: chunk), state.plan.list.hash(of: chunk))
        }
        if let bytes = older?.bytes(of: hash), bytes.count == range.count {
            accept(bytes, range, hash, from: nil)
        }
        // If it could not be kept, it is not tried again.
        state.withLock { $0.plan.copyable.remove(contentsOf: chunk..<chunk + 1) }
        ring()
    }

    private enum Step {
        case hash(Range<Int>, PartialFile, generation: Int)
        case end(PartialFile)
    }

    /// Hashes the whole from its beginning as far as it is here, so that little is left to do when the last of it comes.
    func hashAlong() async {
        let bell = bell()
        while let step = await next(bell, { self.nextStep(&$0) }) {
            switch step {
            case .hash(let range, let file, let generation): hash(range, of: file, generation)
            case .end(let file): conclude(file)
            }
            await Task.yield()
        }
    }

    private func nextStep(_ state: inout State) -> Step? {
        guard let file = state.file, state.run?.isConcluding == false, !state.isComplete else { return nil }
        // What is being checked decides first.
        guard !state.plan.isDoubted || state.plan.isAllGood else { return nil }
        let (front, generation) = (state.plan.frontByteCount, state.plan.generation)
        let done = hashed.withLock { hashed in
            if hashed.generation != generation { hashed = HashedPrefix(generation: generation) }
            return hashed.byteCount
        }
        if done == known.byteCount {
            state.run?.isConcluding = true
            return .end(file)
        }
        let isLast = front == known.byteCount
        guard front > done, isLast || front - done >= Self.stepByteCountMin else { return nil }
        return .hash(done..<min(front, done + Self.stepByteCount), file, generation: generation)
    }

    private func hash(_ range: Range<Int>, of file: PartialFile, _ generation: Int) {
        let isRead = hashed.withLock { hashed in
            do throws(ObjectError) {
                try file.forEachPiece(in: range) { hashed.hasher.update($0) }
                hashed.byteCount = range.upperBound
                file.beginWriting(range)
                return true
            } catch {
                hashed = HashedPrefix(generation: generation)
                return false
            }
        }
        guard !isRead else { return }
        state.withLock { state in state.plan.lost(range) }
        ring()
    }

    /// All is here and hashed: an object, or wrong.
    private func conclude(_ file: PartialFile) {
        let found = hashed.withLock { hashed in
            var finished = HashedPrefix()
            swap(&finished, &hashed)
            // Whatever comes of it, it is not finished twice.
            hashed.generation = -1
            return finished.finish()
        }
        if found == hash {
            release(file)
            storeWhole(file)
        } else {
            wholeIsWrong(found)
        }
        ring()
    }

    /// Gives out what was withheld; storing it may take a moment.
    private func release(_ file: PartialFile) {
        guard let range = state.withLock({ $0.plan.withheld }), let bytes = try? file.read(range) else { return }
        state.withLock { state in
            state.plan.release()
            Self.deliver(bytes, range, &state)
        }
    }

    private func storeWhole(_ file: PartialFile) {
        do throws(ObjectError) {
            let object = try store.complete(file)
            let (list, giver) = state.withLock { state in
                (state.plan.isAllGood ? state.plan.list : nil, state.givers.min())
            }
            if let list { store.chunkLists.keep(list, of: hash) }
            conclude(object, from: giver ?? "")
        } catch {
            begin(anew: error)
        }
    }

    /// It is stored: everybody who waits may read it there.
    func conclude(_ object: KnownObject, from giver: String) {
        directory.stored([(object, giver)])
        charge?.expire()
        state.withLock { Self.finish(&$0) }
    }

    static func finish(_ state: inout State) {
        (state.isComplete, state.file) = (true, nil)
        for waiter in state.waiters.values { waiter.outcome.fulfil(.success(nil)) }
        for guest in state.guests.values { guest.fulfil(.success(())) }
        (state.waiters, state.guests) = ([:], [:])
    }

    /// The parts are gone, and whoever waits is told why.
    private func begin(anew error: ObjectError) {
        state.withLock { state in
            state.plan.reset()
            (state.file, state.hasEarlierParts) = (nil, false)
            Self.fail(error, &state)
            for reader in state.readers.keys { state.plan.expect(0..<0, by: reader) }
            state.run?.isConcluding = false
        }
    }

    private func wholeIsWrong(_ found: ObjectHash) {
        let liar: String?? = state.withLock { state in
            guard state.run != nil else { return nil }
            if state.plan.isAllGood { return .some(state.lister) }
            if !state.plan.isListNeeded, state.givers.count == 1, !state.hasEarlierParts {
                return .some(state.givers.first)
            }
            // Of several who gave parts, and of parts from before, the list will tell which are wrong.
            (state.plan.isListNeeded, state.plan.isDoubted) = (true, true)
            state.run?.isConcluding = false
            return nil
        }
        guard let liar else { return }
        let words = "\(known.byteCount) bytes whose SHA-256 is \(found)" + (liar.map { ", as \($0) gave them" } ?? "")
        store.partials.quarantine(hash, reason: words)
        if let liar { directory.failed(hash, .damaged(by: liar), at: liar) }
        state.withLock { state in
            state.plan.reset()
            (state.file, state.hasEarlierParts) = (nil, false)
            if let liar {
                state.run?.drop(liar, .damaged(by: liar))
                state.run?.liars.insert(liar)
            }
            // Those whose chunks did not fit that list may have been right.
            if let doubted = state.run?.doubted { state.run?.seen.subtract(doubted) }
            (state.lister, state.givers) = (nil, [])
            state.run?.startOver()
        }
        reopen()
    }
}

extension Assembly.HashedPrefix {
    consuming func finish() -> ObjectHash { hasher.finish() }
}
