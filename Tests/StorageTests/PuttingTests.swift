import Glibc
import Objects
import Storage
import SystemPackage
import TestSupport
import Testing

@Suite("Putting")
struct PuttingTests {
    @Test func objectIsAFileNamedByItsHashThatNobodyMayWrite() throws {
        let fixture = try PosixFixture()
        let known = try fixture.store.put(Array("hello".utf8))
        #expect(known == KnownObject(hash: ObjectHash(of: Array("hello".utf8)), kind: .clob, type: nil, byteCount: 5))
        #expect(try fixture.scratch.read(fixture.place(of: known.hash)) == Array("hello".utf8))
        var status = stat()
        stat(fixture.scratch.path.appending(fixture.place(of: known.hash)).string, &status)
        #expect(status.st_mode & 0o222 == 0)
        #expect(try fixture.leftovers().isEmpty)
    }

    @Test func sameObjectOf32WritersIsOneFile() async throws {
        let fixture = try PosixFixture()
        let store = fixture.store
        let bytes = SeededRandom(seed: 5).bytes(100_000)
        try await withThrowingTaskGroup { group in
            for number in 0..<32 {
                group.addTask {
                    switch number % 4 {
                    case 0: _ = try store.put(bytes)
                    case 1: _ = try store.put([[UInt8(number)], bytes, Array("x\(number)".utf8), bytes])
                    case 2: _ = try await store.put(batch: [bytes, Array("y\(number)".utf8), bytes])
                    default:
                        var staged = try store.stage()
                        for piece in stride(from: 0, to: bytes.count, by: 999) {
                            try staged.append(bytes[piece..<min(piece + 999, bytes.count)])
                        }
                        _ = try staged.commit(expecting: ObjectHash(of: bytes))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try fixture.store.localBytes(of: ObjectHash(of: bytes)) == bytes)
        #expect(try fixture.leftovers().isEmpty)
        #expect(try fixture.store.quarantinedFiles().isEmpty)
        var count = 0
        try fixture.store.forEachObject { _, _ in count += 1 }
        #expect(count == 1 + 16 + 8)
    }

    @Test func stagedObjectOfWrongBytesLeavesNothing() throws {
        let fixture = try PosixFixture()
        #expect(throws: ObjectError.damaged(by: "the sender")) {
            var staged = try fixture.store.stage()
            try staged.append(Array("not what was asked for".utf8))
            _ = try staged.commit(expecting: ObjectHash(of: [1]))
        }
        #expect(try fixture.leftovers().isEmpty)
        #expect(try !fixture.store.contains(ObjectHash(of: [1])))
    }

    @Test func stagedObjectThatIsDroppedLeavesNothing() throws {
        let fixture = try PosixFixture()
        do {
            var staged = try fixture.store.stage()
            try staged.append([1, 2, 3])
            #expect(try fixture.leftovers().count == 1)
        }
        #expect(try fixture.leftovers().isEmpty)
    }

    @Test func batchThatIsDroppedLeavesNothing() throws {
        let fixture = try PosixFixture()
        do {
            var batch = ObjectBatch(in: fixture.store)
            for number in 0..<10 { _ = try batch.add([UInt8(number)]) }
            #expect(try fixture.leftovers().count == 10)
        }
        #expect(try fixture.leftovers().isEmpty)
        #expect(try !fixture.store.contains(ObjectHash(of: [1])))
    }

    @Test func filesAreTakenAsTheyAre() async throws {
        let fixture = try PosixFixture()
        let bytes = SeededRandom(seed: 9).bytes(700_000)
        try fixture.scratch.write(bytes, to: "picture")
        let known = try await fixture.store.put(file: fixture.scratch.path.appending("picture"))
        #expect(known == KnownObject(hash: ObjectHash(of: bytes), bytes: bytes))
        #expect(try fixture.store.localBytes(of: known.hash) == bytes)
        #expect(try fixture.scratch.read("picture") == bytes)
        let absent = ObjectError.system(.noSuchFileOrDirectory, "opening /nowhere")
        await #expect(throws: absent) { try await fixture.store.put(file: "/nowhere") }
        await #expect(throws: ObjectError.self) { try await fixture.store.put(file: fixture.scratch.path) }
        let fifo = fixture.scratch.path.appending("fifo")
        mkfifo(fifo.string, 0o600)
        await #expect(throws: ObjectError.self) { try await fixture.store.put(file: fifo) }
        #expect(try fixture.leftovers().isEmpty)
    }

    @Test func removedObjectStaysReadableForWhoHasItOpen() throws {
        let fixture = try PosixFixture()
        let bytes = SeededRandom(seed: 4).bytes(300_000)
        let known = try fixture.store.put(bytes)
        let file = try #require(try fixture.store.openLocal(known.hash))
        try fixture.store.remove(known.hash)
        try fixture.store.remove(known.hash)
        #expect(try fixture.store.localBytes(of: known.hash) == nil)
        var buffer = [UInt8](repeating: 0, count: bytes.count)
        let count = try file.closeAfter { try buffer.withUnsafeMutableBytes { try file.read(into: $0) } }
        #expect(count == bytes.count)
        #expect(buffer == bytes)
    }

    @Test func startEmptiesIncoming() throws {
        let fixture = try PosixFixture()
        try fixture.scratch.write([1], to: "root/incoming/left")
        try fixture.scratch.write([1], to: "root/incoming/.hidden")
        _ = try ObjectStore(root: fixture.root, disk: fixture.disk, verdicts: VerdictMemory(), random: SystemRandom())
        #expect(try fixture.leftovers().isEmpty)
    }

    @Test func objectsAreListedInOrder() throws {
        let fixture = try PosixFixture()
        let objects = (0..<600).map { Array("object \($0)".utf8) }
        let known = try fixture.store.put(objects + objects)
        #expect(known.count == 1200)
        var seen: [ObjectHash] = []
        try fixture.store.forEachObject { hash, byteCount in
            seen.append(hash)
            let found = try fixture.store.localByteCount(of: hash)
            #expect(found == byteCount)
        }
        #expect(seen == Set(known.map(\.hash)).sorted())
        #expect(try fixture.store.space().freeByteCount > 0)
    }

    @Test func descriptorsAreBounded() throws {
        let fixture = try PosixFixture()
        func openCount() throws -> Int { try PosixDisk(FilePath("/proc/\(getpid())")).list("fd").count }
        let before = try openCount()
        var batch = ObjectBatch(in: fixture.store)
        for number in 0..<500 { _ = try batch.add(Array("many \(number)".utf8)) }
        #expect(try openCount() < before + 200)
        try batch.commit()
        #expect(try openCount() < before + 200)
    }
}
