import Objects
import Storage
import Synchronization

/// The list of chunks, from whoever holds the object.
extension Assembly {
    /// Whether somebody is to be asked for the list now; marks it as being asked for.
    func mustList() -> Bool {
        state.withLock { state in
            guard let run = state.run, !run.isOver, !run.isListing, state.plan.isListNeeded,
                !state.plan.list.isComplete, run.active.keys.contains(where: { !run.listed.contains($0) })
            else { return false }
            state.run?.isListing = true
            return true
        }
    }

    /// Asks one holder after the other, until one has given all of it.
    func list() async {
        for holder in directory.holders(of: hash) {
            let isNext = state.withLock { state in
                guard let run = state.run, run.active[holder.name] != nil else { return false }
                return state.run?.listed.insert(holder.name).inserted == true
            }
            guard isNext, !Task.isCancelled else { continue }
            let outcome = await withDeadline { progress throws(ObjectError) in
                try await self.takeList(from: holder, progress)
            }
            switch outcome {
            case .success:
                state.withLock { $0.run?.isListing = false }
                return ring()
            case .failure(.cancelled): break
            case .failure(let error):
                state.withLock { state in
                    if state.lister == holder.name { state.plan.dropList() }
                }
                await failed(holder, error)
            }
        }
        state.withLock { state in
            state.run?.isListing = false
            let hasMore = state.run.map { run in run.active.keys.contains { !run.listed.contains($0) } } ?? false
            guard !hasMore, state.waiters.isEmpty else { return }
            // Nobody has one: what is fetched as a whole needs none.
            state.plan.isListNeeded = false
        }
        ring()
    }

    private func takeList(from holder: Holder, _ progress: ProgressWatch) async throws(ObjectError) {
        let pieces = try await holder.openChunks(hash, known.byteCount)
        var decoder = ChunkListDecoder(objectByteCount: known.byteCount)
        while let piece = try await pieces.next() {
            progress.advance()
            do throws(ChunkListDecoder.Failure) {
                try decoder.push(piece)
            } catch {
                if case .otherSize = error { throw Fetcher.wrongSize }
                throw .damaged(by: holder.name)
            }
            let list = decoder.list
            state.withLock { state in
                // One that begins anew tells nothing as long as it is the shorter one.
                guard list.count > state.plan.list.count else { return }
                let known = state.plan.list.count
                state.plan.list = list
                state.lister = holder.name
                state.plan.markCopyable(known..<list.count, state.older)
            }
            ring()
        }
        guard decoder.list.isComplete else { throw .damaged(by: holder.name) }
        state.withLock { $0.file }?.saveChunkList(decoder.list)
    }
}

extension FetchPlan {
    /// Notes which of these chunks an older version has.
    mutating func markCopyable(_ chunks: Range<Int>, _ older: OlderVersions?) {
        guard let older else { return }
        for chunk in chunks where older.has(list.hash(of: chunk)) && !present.covers(list.range(of: chunk)) {
            copyable.insert(contentsOf: chunk..<chunk + 1)
        }
    }
}
