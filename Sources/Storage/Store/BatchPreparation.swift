import Objects
import Synchronization

/// What was hashed and written for a batch by all who worked on it; a batch takes it over, whatever happens, so that
/// nothing is left behind.
struct BatchPreparation<Tag: Sendable>: Sendable {
    /// Hashing and creating files keeps a processor busy: as many writers as this kind of machine has.
    private static var writerCountMax: Int { 2 }

    /// What one writer did.
    private struct Share: Sendable {
        var writer: BatchWriter
        var outcomes: [(index: Int, outcome: Result<Arrival, ObjectError>)] = []
        var failure: ObjectError?
    }

    private let inputs: [NewObject<Tag>]
    private let shares: [Share]
    let claims: Claims

    /// Runs the writers to their end; after an error of one, the others stop.
    init(_ inputs: [NewObject<Tag>], in store: ObjectStore, _ meter: IntakeMeter = IntakeMeter()) async {
        let (claims, cursor) = (Claims(), Cursor(count: inputs.count))
        (self.inputs, self.claims) = (inputs, claims)
        shares = await withTaskGroup(of: Share.self) { group in
            for _ in 0..<min(Self.writerCountMax, inputs.count) {
                group.addTask {
                    await Self.share(in: inputs, cursor, BatchWriter(store: store, claims: claims, meter: meter))
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    private static func share(in inputs: [NewObject<Tag>], _ cursor: Cursor, _ writer: BatchWriter) async -> Share {
        var share = Share(writer: writer)
        do throws(ObjectError) {
            while let index = cursor.next() {
                if Task.isCancelled { throw .cancelled }
                share.outcomes.append((index, try await share.writer.write(inputs[index])))
            }
        } catch {
            cursor.stop()
            share.failure = error
        }
        return share
    }

    var writers: [BatchWriter] { shares.map(\.writer) }

    /// What became of each input, in order.
    func stored() throws(ObjectError) -> [StoredObject<Tag>] {
        if let failure = shares.lazy.compactMap(\.failure).first { throw failure }
        let outcomes = shares.flatMap(\.outcomes).sorted { $0.index < $1.index }
        return outcomes.map { StoredObject(tag: inputs[$0.index].tag, outcome: $0.outcome) }
    }
}

/// Hands out the numbers up to a count, each once.
private final class Cursor: Sendable {
    private let position = Atomic<Int>(0)
    private let count: Int

    init(count: Int) { self.count = count }

    func next() -> Int? {
        let index = position.wrappingAdd(1, ordering: .relaxed).oldValue
        return index < count ? index : nil
    }

    func stop() { position.store(count, ordering: .relaxed) }
}
