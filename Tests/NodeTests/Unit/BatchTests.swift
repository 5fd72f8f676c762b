import Foundation
import Objects
import Peers
import Storage
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Node

/// Many objects a request, read before they are kept, kept behind shared barriers.
@Suite(.timeLimit(.minutes(5))) struct BatchTests {
    typealias Directory = FetcherTests.Directory

    let directory = Directory()
    let disk = MemoryDisk()
    let archive = ScriptedHolder("archive")

    init() throws {
        try Root.lay(out: disk)
        try disk.synchronizeAll()
        directory.add(archive)
    }

    private func store() throws -> ObjectStore {
        try ObjectStore(
            root: Root(unchecked: "/memory"),
            disk: disk,
            verdicts: VerdictMemory(),
            random: SeededRandom(seed: 1)
        )
    }

    /// Runs the fetcher beside a test.
    private func withFetcher(
        deadline: Duration = .seconds(60),
        _ body: (Fetcher) async throws -> Void
    ) async throws {
        let fetcher = try Fetcher(store: store(), directory: directory, time: SystemTime(), deadline: deadline)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await fetcher.run() }
            try await body(fetcher)
            group.cancelAll()
        }
    }

    private func known(_ count: Int, byteCount: Int = 100) -> [KnownObject] {
        (0..<count).map { number in
            let object = archive.add(SeededRandom(seed: UInt64(number)).bytes(byteCount))
            directory.know(object)
            return object
        }
    }

    private final class Flag: Sendable {
        let isSet = Mutex(false)
    }

    /// Gives up, with what is so instead, after much longer than anything here takes.
    private func waitUntil(_ fetcher: Fetcher, _ isSo: () -> Bool) async {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(20)
        while !isSo() {
            guard clock.now < end else {
                let requests = archive.requests.map(\.hashes.count)
                Issue.record("\(requests), \(archive.cancelledCount) cancelled, \(fetcher.waitingCount) waiting")
                return archive.open()
            }
            await Task.yield()
        }
    }

    @Test func readersThatWaitShareRequests() async throws {
        let objects = known(100)
        try await withFetcher { fetcher in
            try await withThrowingTaskGroup(of: Int.self) { readers in
                for object in objects {
                    readers.addTask { try await fetcher.read(0..<1000, of: object.hash).count }
                    // In order, so that the first ones are known.
                    await Task.yield()
                }
                await waitUntil(fetcher) { archive.requests.count == 4 && fetcher.waitingCount == 96 }
                archive.open()
                for try await byteCount in readers { #expect(byteCount == 100) }
            }
        }
        #expect(archive.requests.map(\.hashes.count).sorted() == [1, 1, 1, 1, 96])
        #expect(archive.requests.allSatisfy { $0.priority == .reader })
    }

    @Test func aReaderHurriesWhatWaitsInTheBackground() async throws {
        let objects = known(10)
        try await withFetcher { fetcher in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for object in objects {
                    tasks.addTask { _ = try await fetcher.fetch(object.hash, priority: .background) }
                }
                await waitUntil(fetcher) { archive.requests.count == 4 && fetcher.waitingCount == 6 }
                let asked = Set(archive.requests.flatMap(\.hashes))
                let object = try #require(objects.first { !asked.contains($0.hash) })
                tasks.addTask { _ = try await fetcher.read(0..<1, of: object.hash) }
                await waitUntil(fetcher) { archive.requests.count == 5 }
                #expect(archive.requests[4].hashes == [object.hash] && archive.requests[4].priority == .reader)
                archive.open()
                try await tasks.waitForAll()
            }
        }
        #expect(archive.answeredCount == 10)
    }

    @Test func bytesAreReadBeforeTheyAreKeptAndAskedForOnce() async throws {
        let object = known(1)[0]
        archive.open()
        let barrier = DispatchSemaphore(value: 0)
        directory.whenStored { barrier.wait() }
        try await withFetcher { fetcher in
            for _ in 0..<3 {
                let byte = try await fetcher.read(5..<6, of: object.hash)
                #expect(byte.count == 1)
            }
            let kept = Flag()
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    _ = try await fetcher.fetch(object.hash)
                    kept.isSet.withLock { $0 = true }
                }
                for _ in 0..<100 { await Task.yield() }
                #expect(!kept.isSet.withLock { $0 })
                barrier.signal()
                try await tasks.waitForAll()
            }
        }
        #expect(archive.requests.count == 1)
        let bytes = try store().localBytes(of: object.hash)
        #expect(bytes?.count == 100)
    }

    /// While the disk does nothing, no more is taken from a holder than memory is meant to have.
    @Test func aSlowDiskHoldsUpTheSender() async throws {
        let objects = known(100, byteCount: 1 << 20)
        archive.open()
        let barrier = DispatchSemaphore(value: 0)
        directory.whenStored { barrier.wait() }
        // Longer than the deadline: the holder is not to blame.
        try await withFetcher(deadline: .milliseconds(50)) { fetcher in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for object in objects {
                    tasks.addTask { _ = try await fetcher.fetch(object.hash, priority: .background) }
                }
                let full = Keeper.byteCountMax >> 20
                await waitUntil(fetcher) { archive.answeredCount >= full }
                try await Task.sleep(for: .milliseconds(200))
                #expect(archive.answeredCount <= full + Gathering<Flight>.requestCountMax)
                for _ in 0..<200 { barrier.signal() }
                try await tasks.waitForAll()
            }
        }
        #expect(directory.state.withLock { $0.storedFrom.count } == 100)
        #expect(directory.state.withLock { $0.failures } == [:])
    }

    @Test func oneThatIsMissingOrWrongDoesNotSpoilTheOthers() async throws {
        let honest = ScriptedHolder("honest")
        directory.add(honest)
        honest.open()
        let objects = known(20)
        let (missing, wrong) = (honest.add(Array("missing".utf8)), honest.add(Array("wrong".utf8)))
        for object in [missing, wrong] { directory.know(object) }
        archive.add(Array("other".utf8), as: wrong.hash)
        try await withFetcher { fetcher in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for object in objects + [missing, wrong] {
                    tasks.addTask { _ = try await fetcher.fetch(object.hash) }
                }
                await waitUntil(fetcher) { fetcher.waitingCount == 18 }
                archive.open()
                try await tasks.waitForAll()
            }
        }
        #expect(honest.requests.flatMap(\.hashes).sorted() == [missing.hash, wrong.hash].sorted())
        #expect(directory.state.withLock { $0.failures }["archive"] != nil)
        #expect(directory.state.withLock { $0.storedFrom.count } == 22)
    }

    @Test func aStuckHolderDelaysOnlyItsOwn() async throws {
        let other = ScriptedHolder("other")
        directory.add(other)
        other.open()
        let objects = known(20)
        for object in objects { other.add(try #require(archive.bytes(of: object.hash))) }
        // The archive says nothing; those in its line do not wait longer than those it was asked for.
        try await withFetcher(deadline: .milliseconds(100)) { fetcher in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for object in objects { tasks.addTask { _ = try await fetcher.fetch(object.hash) } }
                try await tasks.waitForAll()
            }
        }
        #expect(archive.answeredCount == 0 && archive.cancelledCount == archive.requests.count)
        #expect(archive.requests.map(\.hashes.count) == [1, 1, 1, 1])
        #expect(other.answeredCount == 20)
    }

    @Test func whatNobodyWaitsForIsNotAskedFor() async throws {
        let objects = known(20)
        try await withFetcher { fetcher in
            let readers = objects.map { object in
                Task { () async throws in _ = try await fetcher.read(0..<1, of: object.hash) }
            }
            await waitUntil(fetcher) { archive.requests.count == 4 && fetcher.waitingCount == 16 }
            // Those in line first: when a place becomes free, whoever is left in line is asked for.
            let asked = Set(archive.requests.flatMap(\.hashes))
            for (object, reader) in zip(objects, readers) where !asked.contains(object.hash) { reader.cancel() }
            await waitUntil(fetcher) { fetcher.waitingCount == 0 }
            for reader in readers { reader.cancel() }
            await waitUntil(fetcher) { archive.cancelledCount == 4 }
            archive.open()
            // Nothing of it is left: the next one is asked for at once, and alone.
            _ = try await fetcher.fetch(objects[19].hash)
        }
        #expect(archive.requests.count == 5)
        #expect(archive.requests.last?.hashes == [objects[19].hash])
    }

    /// What was only read may be gone after a power cut; what was acknowledged is not.
    @Test func aPowerCutLosesOnlyCopies() async throws {
        let objects = known(40)
        archive.open()
        try await withFetcher { fetcher in
            for object in objects.prefix(20) { _ = try await fetcher.fetch(object.hash) }
            for object in objects.dropFirst(20) { _ = try await fetcher.read(0..<1, of: object.hash) }
            disk.restart(.nothing)
        }
        let store = try store()
        for object in objects.prefix(20) {
            let bytes = try store.localBytes(of: object.hash)
            #expect(bytes?.count == 100)
        }
        for object in objects {
            let bytes = try store.localBytes(of: object.hash)
            #expect(bytes == nil || bytes.map { ObjectHash(of: $0) } == object.hash)
        }
    }

    @Test func aFullDiskIsServedAndNotKept() async throws {
        let objects = known(3, byteCount: 5000)
        archive.open()
        disk.limit(byteCount: 100)
        try await withFetcher { fetcher in
            for object in objects {
                let bytes = try await fetcher.read(0..<5000, of: object.hash)
                #expect(bytes.count == 5000)
                let unkept = try await fetcher.fetch(object.hash)
                #expect(unkept?.count == 5000)
            }
            #expect(directory.state.withLock { $0.storedFrom } == [])
        }
    }
}
