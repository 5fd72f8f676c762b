package import Objects
import SystemPackage

extension ObjectStore {
    /// Stores objects behind one barrier, on all processors; all durable on return, in order.
    ///
    /// After an error any of them may be here, whole.
    package func put<Tag>(batch inputs: [NewObject<Tag>]) async throws(ObjectError) -> [StoredObject<Tag>] {
        let result: Result<[StoredObject<Tag>], ObjectError> =
            await withTaskExecutorPreference(DiskThreads.shared) {
                let preparation = await BatchPreparation(inputs, in: self)
                return Result { () throws(ObjectError) in try self.commit(preparation) }
            }
        return try result.get()
    }

    private func commit<Tag>(_ preparation: BatchPreparation<Tag>) throws(ObjectError) -> [StoredObject<Tag>] {
        let batch = ObjectBatch(of: preparation, in: self)
        let stored = try preparation.stored()
        try batch.commit()
        return stored
    }

    /// The same for objects that are in memory.
    package func put(batch objects: [[UInt8]]) async throws(ObjectError) -> [KnownObject] {
        let inputs = objects.map { NewObject(.bytes($0), tag: (), likelyByteCount: $0.count) }
        var known: [KnownObject] = []
        known.reserveCapacity(objects.count)
        for stored in try await put(batch: inputs) { known.append(try stored.outcome.get().object) }
        return known
    }

    /// Stores all that comes, in memory that does not grow with it; `stored` is told in order what became of each, when it
    /// is durable.
    ///
    /// While one batch is made durable, the next is hashed and written. For what waits on a disk, not on a network: a
    /// batch is settled when the next one is full.
    package func put<Tag, Inputs: AsyncSequence>(
        all inputs: Inputs,
        meter: IntakeMeter = IntakeMeter(),
        stored: ([StoredObject<Tag>]) async throws -> Void
    ) async throws where Inputs.Element == NewObject<Tag> {
        try await withTaskExecutorPreference(DiskThreads.shared) {
            var line = BatchLine<Tag>(store: self, meter: meter)
            var intake = BatchIntake<Tag>()
            var iterator = inputs.makeAsyncIterator()
            var next = try await intake.fill(from: &iterator)
            var preparation = await BatchPreparation(next, in: self, meter)
            while !next.isEmpty {
                let batch = ObjectBatch(of: preparation, in: self)
                let outcomes = try preparation.stored()
                next = try await intake.fill(from: &iterator)
                async let following = BatchPreparation(next, in: self, meter)
                let result: Result<Void, any Error>
                do { result = .success(try await line.advance(batch, outcomes, stored)) } catch {
                    result = .failure(error)
                }
                preparation = await following
                if case .failure = result { _ = ObjectBatch(of: preparation, in: self) }
                try result.get()
            }
            try await line.end(stored)
        }
    }
}

/// Forms batches.
private struct BatchIntake<Tag: Sendable> {
    /// Enough that a barrier's share of the cost of an object is small.
    private static var countMax: Int { 2048 }
    /// Bytes that are held in memory.
    private static var heldByteCountMax: Int { 32 << 20 }
    /// Bytes of files: so much is written and hashed again if it is interrupted.
    private static var byteCountMax: Int { 256 << 20 }

    /// As many as share a barrier; none: that was all.
    mutating func fill<Inputs: AsyncIteratorProtocol>(
        from inputs: inout Inputs
    ) async throws -> [NewObject<Tag>] where Inputs.Element == NewObject<Tag> {
        var batch: [NewObject<Tag>] = []
        var (held, byteCount) = (0, 0)
        // Two at least, however large: two files are hashed at once.
        while batch.count < Self.countMax, held < Self.heldByteCountMax,
            byteCount < Self.byteCountMax || batch.count < 2,
            let input = try await inputs.next(isolation: #isolation)
        {
            batch.append(input)
            byteCount += input.likelyByteCount
            if case .bytes(let bytes) = input.content { held += bytes.count }
        }
        return batch
    }
}

/// Batches one behind the other: the barrier for the bytes of one is that for the names of the one before.
private struct BatchLine<Tag: Sendable>: ~Copyable {
    let store: ObjectStore
    let meter: IntakeMeter
    /// Has its names, which may not be durable yet.
    private var named: Round?

    private struct Round: ~Copyable {
        let batch: ObjectBatch
        let outcomes: [StoredObject<Tag>]

        consuming func finish() -> [StoredObject<Tag>] {
            let outcomes = outcomes
            batch.finish()
            return outcomes
        }
    }

    init(store: ObjectStore, meter: IntakeMeter) { (self.store, self.meter) = (store, meter) }

    /// Makes the batch before durable and tells of it, and gives this one its names.
    mutating func advance(
        _ batch: consuming ObjectBatch,
        _ outcomes: [StoredObject<Tag>],
        _ stored: ([StoredObject<Tag>]) async throws -> Void
    ) async throws {
        try settle(batch.bytes)
        try await tell(stored)
        try batch.name()
        named = Round(batch: batch, outcomes: outcomes)
    }

    /// Makes the last batch durable and tells of it.
    consuming func end(_ stored: ([StoredObject<Tag>]) async throws -> Void) async throws {
        try settle(Barrier())
        try await tell(stored)
    }

    private mutating func tell(_ stored: ([StoredObject<Tag>]) async throws -> Void) async throws {
        guard let outcomes = named.take()?.finish() else { return }
        meter.add(objects: outcomes.count)
        try await stored(outcomes)
    }

    private mutating func settle(_ bytes: Barrier) throws(ObjectError) {
        var barrier = bytes
        if let before = named.take() {
            barrier = barrier + before.batch.names
            named = consume before
        }
        do throws(Errno) {
            try store.pass(barrier)
        } catch {
            if let before = named.take() { before.batch.distrust() }
            throw ObjectError(error, "storing objects")
        }
    }
}
