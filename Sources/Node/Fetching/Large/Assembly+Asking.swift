import Objects
import Peers
import Storage
import Synchronization

/// A range that one holder is asked for.
struct RangeRequest: Sendable {
    var number: Int
    var range: Range<Int>
    /// Its chunks by the list; empty: it is not checked before the whole is.
    var chunks: [(range: Range<Int>, hash: ObjectHash)]
    var priority: CallPriority
    let revoked = OneShot<ObjectError>()
}

extension Assembly {
    /// What is asked for in one go at first, and at most.
    private static let runByteCounts = 1 << 20...8 << 20
    /// How often it is told that more has come, where no chunks are known.
    private static let noticeByteCount = 1 << 20

    private enum Step {
        case ask(RangeRequest)
        case leave
    }

    /// Asks one holder for one range after the other, until the run ends or the holder fails.
    func ask(_ holder: Holder, forReaders: Bool) async {
        guard holder.givesRanges else { return await askForWhole(holder) }
        let bell = bell()
        while case .ask(let request)? = await next(bell, { self.choose(holder.name, forReaders, &$0) }) {
            let outcome = await transfer(request, from: holder)
            state.withLock { state in
                state.run?.revocations[request.number] = nil
                guard let ask = state.plan.end(request.number), case .success = outcome else { return }
                let seconds = (time.elapsed - ask.started) / .seconds(1)
                guard seconds > 0 else { return }
                let speed = Double(ask.range.count) / seconds
                let before = state.run?.active[holder.name]?.bytesPerSecond ?? speed
                state.run?.active[holder.name]?.bytesPerSecond = 0.7 * before + 0.3 * speed
            }
            if case .failure(let error) = outcome, error != .cancelled { await failed(holder, error) }
            ring()
        }
    }

    private func choose(_ holder: String, _ forReaders: Bool, _ state: inout State) -> Step? {
        guard let run = state.run, let active = run.active[holder] else { return .leave }
        guard !run.isConcluding, active.benchedUntil <= time.elapsed else { return nil }
        let wished = Int(min(active.bytesPerSecond ?? 0, 1e12) / 4)
        let byteCount = min(max(wished, Self.runByteCounts.lowerBound), Self.runByteCounts.upperBound)
        guard let (range, isListed) = state.plan.nextRange(forReaders: forReaders, byteCountMax: byteCount) else {
            return nil
        }
        let list = state.plan.list
        let chunks = isListed ? list.indices(in: range).map { (list.range(of: $0), list.hash(of: $0)) } : []
        let number = state.plan.ask(holder, for: range, isListed: isListed, at: time.elapsed)
        // What is fetched ahead waits for those who wait for something.
        let isUrgent = forReaders || state.isUrgent && state.plan.ahead.isEmpty
        let request = RangeRequest(
            number: number,
            range: range,
            chunks: chunks,
            priority: isUrgent ? .reader : .background
        )
        state.run?.revocations[number] = request.revoked
        return .ask(request)
    }

    /// Until all has come, or it is revoked.
    private func transfer(
        _ request: RangeRequest,
        from holder: Holder
    ) async -> Result<Void, ObjectError> {
        await withTaskGroup(of: Result<Void, ObjectError>.self) { group in
            group.addTask {
                do throws(ObjectError) {
                    let pieces = try await holder.openRange(self.hash, request.range, request.priority)
                    try await self.receive(request, pieces, from: holder.name)
                    return .success(())
                } catch {
                    return .failure(error)
                }
            }
            group.addTask { .failure(await request.revoked.value() ?? .cancelled) }
            defer { group.cancelAll() }
            return await group.next() ?? .failure(.cancelled)
        }
    }

    /// Takes a range chunk by chunk, or, where none are known, piece by piece.
    private func receive(
        _ request: RangeRequest,
        _ pieces: any PieceReader,
        from holder: String
    ) async throws(ObjectError) {
        var (position, index) = (request.range.lowerBound, 0)
        var buffer: [UInt8] = []
        while let piece = try await pieces.next() {
            state.withLock { $0.plan.moved(request.number, byteCount: piece.count, at: time.elapsed) }
            guard piece.count <= request.range.upperBound - position - buffer.count else { throw .damaged(by: holder) }
            guard !request.chunks.isEmpty else {
                try take(piece, at: position, from: holder)
                position += piece.count
                continue
            }
            var rest = piece[...]
            while !rest.isEmpty {
                let chunk = request.chunks[index]
                if buffer.isEmpty { buffer.reserveCapacity(chunk.range.count) }
                let part = rest.prefix(chunk.range.count - buffer.count)
                buffer += part
                rest = rest.dropFirst(part.count)
                guard buffer.count == chunk.range.count else { continue }
                guard ObjectHash(of: buffer) == chunk.hash else { throw .damaged(by: holder) }
                accept(buffer, chunk.range, chunk.hash, from: holder)
                (position, index, buffer) = (chunk.range.upperBound, index + 1, [])
            }
        }
        // It ends early at a holder that has an object of another size, or says so.
        guard position == request.range.upperBound else { throw Fetcher.wrongSize }
    }

    /// Keeps bytes that are checked when all are here.
    private func take(_ bytes: [UInt8], at offset: Int, from holder: String) throws(ObjectError) {
        guard try keep(bytes, at: offset) else { return }
        let end = offset + bytes.count
        state.withLock { state in
            state.plan.wrote(offset..<end)
            state.givers.insert(holder)
        }
        // Only who hashes waits for it, and that pays in larger pieces.
        if offset / Self.noticeByteCount != end / Self.noticeByteCount { ring() }
    }

    /// A chunk that fits the list: for those who wait, and for later.
    func accept(_ bytes: [UInt8], _ range: Range<Int>, _ hash: ObjectHash, from holder: String?) {
        let isKept = (try? keep(bytes, at: range.lowerBound)) ?? false
        if let holder { state.withLock { _ = $0.givers.insert(holder) } }
        confirm(bytes, range, hash, isKept: isKept)
    }

    /// A chunk is good.
    func confirm(_ bytes: [UInt8], _ range: Range<Int>, _ hash: ObjectHash, isKept: Bool) {
        state.withLock { state in
            let list = state.plan.list
            // The list may be another one by now.
            guard let chunk = list.index(at: range.lowerBound), list.range(of: chunk) == range,
                list.hash(of: chunk) == hash
            else {
                if isKept { state.plan.wrote(range) }
                return
            }
            state.plan.found(chunk, isKept: isKept)
            if state.plan.withheld != range { Self.deliver(bytes, range, &state) }
        }
        ring()
    }

    /// Gives good bytes to those who wait for them.
    static func deliver(_ bytes: [UInt8], _ range: Range<Int>, _ state: inout State) {
        for number in state.waiters.keys {
            guard let waiter = state.waiters[number] else { continue }
            let common = waiter.range.clamped(to: range)
            guard !common.isEmpty else { continue }
            let start = waiter.range.lowerBound
            let part = bytes[common.lowerBound - range.lowerBound..<common.upperBound - range.lowerBound]
            state.waiters[number]?.bytes.replaceSubrange(
                common.lowerBound - start..<common.upperBound - start,
                with: part
            )
            state.waiters[number]?.missing.remove(contentsOf: common)
            guard let done = state.waiters[number], done.missing.isEmpty else { continue }
            state.waiters[number] = nil
            state.plan.wantNoMore(number)
            done.outcome.fulfil(.success(done.bytes))
        }
    }

    /// Writes into the partial file; false if there is no room, which keeps nothing from readers.
    func keep(_ bytes: [UInt8], at offset: Int) throws(ObjectError) -> Bool {
        let keepsReads = charge?.keepsReads ?? true
        let file = state.withLock { state in
            state.isFull || !keepsReads && state.guests.isEmpty ? nil : state.file
        }
        guard let file else { return false }
        do throws(ObjectError) {
            guard charge?.promise(bytes.count) != false else { throw .noSpace }
            defer { charge?.settle([bytes.count]) }
            try file.write(bytes, at: offset)
            return true
        } catch {
            state.withLock { state in
                state.isFull = true
                for reader in state.readers.keys { state.plan.expect(0..<0, by: reader) }
                Self.failGuests(error, &state)
            }
            ring()
            return false
        }
    }
}
