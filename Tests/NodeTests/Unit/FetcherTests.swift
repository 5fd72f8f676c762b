import Objects
import Storage
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Node

/// What a fetch does, with holders that a test controls.
@Suite(.timeLimit(.minutes(5))) struct FetcherTests {
    /// Knows objects and holders as a test says.
    final class Directory: HolderDirectory {
        struct State {
            var known: [ObjectHash: KnownObject] = [:]
            var holders: [Holder] = []
            var failures: [String: ObjectError] = [:]
            var storedFrom: [String] = []
            var whenStored: (@Sendable () -> Void)?
        }

        let state = Mutex(State())

        func holders(of hash: ObjectHash) -> [Holder] { state.withLock { $0.holders } }
        func absence(of hash: ObjectHash) -> ObjectError { .unreachable }
        func known(_ hash: ObjectHash) throws(ObjectError) -> KnownObject? { state.withLock { $0.known[hash] } }
        func stored(_ objects: [(object: KnownObject, holder: String)]) {
            state.withLock { $0.whenStored }?()
            state.withLock { $0.storedFrom += objects.map(\.holder) }
        }
        func failed(_ hash: ObjectHash, _ error: ObjectError, at holder: String?) {
            state.withLock { $0.failures[holder ?? ""] = error }
        }

        /// Before the fetcher hears that it is noted.
        func whenStored(_ action: @escaping @Sendable () -> Void) { state.withLock { $0.whenStored = action } }

        func add(_ holder: ScriptedHolder) { state.withLock { $0.holders.append(holder.holder) } }

        func know(_ object: KnownObject) { state.withLock { $0.known[object.hash] = object } }
        func add(_ name: String, _ reader: ControlledReader) {
            state.withLock { $0.holders.append(Holder(name: name, reader: reader)) }
        }
    }

    let folder = TemporaryDirectory()
    let directory = Directory()
    let store: ObjectStore

    init() throws {
        let root = try Root.create(at: folder.path.appending("root"))
        store = try ObjectStore(root: root, disk: root.disk(), verdicts: VerdictMemory(), random: SystemRandom())
    }

    func reader() -> ControlledReader { ControlledReader(directory: folder.path) }

    /// Runs the fetcher beside a test.
    func withFetcher(
        deadline: Duration = .seconds(30),
        _ body: @Sendable (Fetcher) async throws -> Void
    ) async throws {
        let fetcher = Fetcher(store: store, directory: directory, time: SystemTime(), deadline: deadline)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await fetcher.run() }
            try await body(fetcher)
            group.cancelAll()
        }
    }

    static let small = Array("a small object".utf8)

    /// Sizes of a small and of a large object.
    static let byteCounts = [14, 3 * Fetcher.memoryByteCountMax + 17]

    @Test(arguments: byteCounts)
    func whoeverWaitsCausesOneTransfer(_ byteCount: Int) async throws {
        let bytes = SeededRandom(seed: 7).bytes(byteCount)
        let holder = reader()
        let object = holder.addAbsent(bytes, .blocks)
        directory.know(object)
        directory.add("archive", holder)
        try await withFetcher { fetcher in
            try await withThrowingTaskGroup(of: [UInt8]?.self) { waiters in
                for _ in 0..<16 { waiters.addTask { try await fetcher.fetch(object.hash) } }
                await holder.waitUntilBlocked(1)
                holder.setAnswer(.bytes, to: object.hash)
                holder.release()
                for try await kept in waiters { #expect(kept == nil) }
            }
        }
        #expect(directory.state.withLock { $0.storedFrom } == ["archive"])
        let isStored = try store.localBytes(of: object.hash) == bytes
        #expect(isStored)
    }

    @Test func holdersAreTriedInTurnAndWrongBytesAreNotKept() async throws {
        let (liar, honest) = (reader(), reader())
        let object = honest.addAbsent(Self.small, .bytes)
        _ = liar.addAbsent(Self.small, .fewerBytes)
        directory.know(object)
        directory.add("liar", liar)
        directory.add("honest", honest)
        try await withFetcher { fetcher in _ = try await fetcher.fetch(object.hash) }
        #expect(directory.state.withLock { $0.failures } == ["liar": .damaged(by: "liar")])
        let bytes = try store.localBytes(of: object.hash)
        #expect(bytes == Self.small)
    }

    @Test(arguments: byteCounts)
    func onlyWrongBytesIsDamagedAndStoresNothing(_ byteCount: Int) async throws {
        let liar = reader()
        let object = liar.addAbsent(SeededRandom(seed: 7).bytes(byteCount), .fewerBytes)
        directory.know(object)
        directory.add("liar", liar)
        try await withFetcher { fetcher in
            await #expect(throws: ObjectError.damaged(by: "liar")) { try await fetcher.fetch(object.hash) }
        }
        let local = try store.localBytes(of: object.hash)
        #expect(local == nil)
    }

    @Test func unknownIsNotUnreachable() async throws {
        let object = reader().addAbsent(Self.small, .bytes)
        try await withFetcher { fetcher in
            await #expect(throws: ObjectError.unknown) { try await fetcher.fetch(object.hash) }
            directory.know(object)
            await #expect(throws: ObjectError.unreachable) { try await fetcher.fetch(object.hash) }
        }
    }

    @Test func silenceEndsAtTheDeadline() async throws {
        let silent = reader()
        let object = silent.addAbsent(Self.small, .blocks)
        directory.know(object)
        directory.add("silent", silent)
        try await withFetcher(deadline: .milliseconds(20)) { fetcher in
            await #expect(throws: ObjectError.timedOut) { try await fetcher.fetch(object.hash) }
        }
    }

    @Test func aReaderThatGivesUpLeavesTheOthersWaiting() async throws {
        let holder = reader()
        let object = holder.addAbsent(Self.small, .blocks)
        directory.know(object)
        directory.add("archive", holder)
        try await withFetcher { fetcher in
            await withTaskGroup(of: Result<Void, ObjectError>.self) { patient in
                let impatient = Task { () async throws in _ = try await fetcher.fetch(object.hash) }
                patient.addTask {
                    do throws(ObjectError) {
                        _ = try await fetcher.fetch(object.hash)
                        return .success(())
                    } catch {
                        return .failure(error)
                    }
                }
                await holder.waitUntilBlocked(1)
                impatient.cancel()
                holder.setAnswer(.bytes, to: object.hash)
                holder.release()
                let outcome = await patient.next()
                #expect(throws: Never.self) { try outcome?.get() }
            }
        }
        let bytes = try store.localBytes(of: object.hash)
        #expect(bytes == Self.small)
    }

    @Test func theLastWhoGivesUpEndsTheTransfer() async throws {
        let holder = reader()
        let object = holder.addAbsent(Self.small, .blocks)
        directory.know(object)
        directory.add("archive", holder)
        try await withFetcher { fetcher in
            let reader = Task { () async throws in _ = try await fetcher.fetch(object.hash) }
            await holder.waitUntilBlocked(1)
            reader.cancel()
            await holder.waitUntilCancelled(1)
            await #expect(throws: ObjectError.cancelled) { try await reader.value }
            // It is not remembered against the object: the next one who asks gets it.
            holder.setAnswer(.bytes, to: object.hash)
            _ = try await fetcher.fetch(object.hash)
        }
        let bytes = try store.localBytes(of: object.hash)
        #expect(bytes == Self.small)
    }

    @Test func aStoreWithPeersBehindItIsAReader() async throws {
        let holder = reader()
        for bytes in ObjectReaderSuite.samples { directory.know(holder.addAbsent(bytes, .bytes)) }
        directory.add("archive", holder)
        try await withFetcher { fetcher in
            let reader = StoreElsePeers(store: store, fetcher: fetcher, directory: directory)
            for bytes in ObjectReaderSuite.samples { _ = try await reader.bytes(of: ObjectHash(of: bytes)) }
            try await ObjectReaderSuite.check(reader)
        }
    }
}
