import Glibc
import Objects
import Storage
import SystemPackage
import TestSupport
import Testing

/// Storing much at once, from memory and from files.
@Suite("Putting in bulk")
struct BulkTests {
    /// A file that each of these writes is one object, whatever its size.
    @Test(arguments: [0, 1, 499, 1 << 20, (1 << 20) + 1, 3 << 20, 9_000_001])
    func fileOfAnySizeIsStoredExactly(_ byteCount: Int) async throws {
        let fixture = try PosixFixture()
        let bytes = SeededRandom(seed: UInt64(byteCount)).bytes(byteCount)
        try fixture.scratch.write(bytes, to: "file")
        let known = try await fixture.store.put(file: fixture.scratch.path.appending("file"))
        #expect(known == KnownObject(hash: ObjectHash(of: bytes), bytes: bytes))
        #expect(try fixture.scratch.read(fixture.place(of: known.hash)) == bytes)
        #expect(try fixture.leftovers().isEmpty)
    }

    @Test func everythingIsToldInOrderOnce() async throws {
        let fixture = try PosixFixture()
        let objects = (0..<5_000).map { Array("object \($0 % 4_000)".utf8) }
        let inputs = objects.enumerated().lazy.map { NewObject(.bytes($1), tag: $0, likelyByteCount: $1.count) }
        var told: [Int] = []
        try await fixture.store.put(all: Supply(inputs)) { batch in
            for stored in batch {
                let arrival = try stored.outcome.get()
                #expect(arrival.object.hash == ObjectHash(of: objects[stored.tag]))
                let isHere = try fixture.store.contains(arrival.object.hash)
                #expect(isHere)
                told.append(stored.tag)
            }
        }
        #expect(told == Array(0..<5_000))
        var count = 0
        try fixture.store.forEachObject { _, _ in count += 1 }
        #expect(count == 4_000)
        #expect(try fixture.leftovers().isEmpty)
    }

    /// What is here is not written again.
    @Test func presentObjectsKeepTheirFiles() async throws {
        let fixture = try PosixFixture()
        let objects = (0..<40).map { Array("object \($0)".utf8) }
        let known = try await fixture.store.put(batch: objects)
        let numbers = try known.map { try fixture.inode(of: $0.hash) }
        #expect(try await fixture.store.put(batch: objects) == known)
        #expect(try known.map { try fixture.inode(of: $0.hash) } == numbers)
    }

    @Test func badFilesAreToldAndTheRestIsStored() async throws {
        let fixture = try PosixFixture()
        let folder = fixture.scratch.path
        mkfifo(folder.appending("fifo").string, 0o600)
        symlink("nowhere", folder.appending("dangling").string)
        try fixture.scratch.write([1, 2, 3], to: "good")
        try fixture.scratch.write([4], to: "other")
        let disk = try PosixDisk(folder)
        func entry(_ name: String, _ expected: ObjectHash? = nil) -> NewObject<String> {
            NewObject(
                .entry(DiskPath(name), of: disk, isLinked: false),
                tag: name,
                expected: expected,
                likelyByteCount: 1
            )
        }
        let inputs = [
            entry("fifo"), entry("dangling"), entry("good"), entry("absent"), entry("."),
            entry("other", ObjectHash(of: [5])),
        ]
        let stored = try await fixture.store.put(batch: inputs)
        #expect(stored.map(\.tag) == inputs.map(\.tag))
        #expect(stored.compactMap(\.object).map(\.hash) == [ObjectHash(of: [1, 2, 3])])
        #expect(stored.last?.outcome == .failure(.damaged(by: "the file")))
        #expect(try fixture.leftovers().isEmpty)
        #expect(try !fixture.store.contains(ObjectHash(of: [4])))
    }

    /// A file that changes all the time is stored as it was read: the name is that of the bytes that are here.
    @Test func changingFileIsStoredAsItWasRead() async throws {
        let fixture = try PosixFixture()
        let store = fixture.store
        let path = fixture.scratch.path.appending("changing")
        try fixture.scratch.write([UInt8](repeating: 0, count: 8 << 20), to: "changing")
        let file = try FileDescriptor.open(path, .readWrite)
        defer { try? file.close() }
        for round in 1...6 {
            async let stored = store.put(file: path)
            for step in 0..<200 {
                _ = try file.writeAll(
                    toAbsoluteOffset: Int64(step) * 40_000,
                    [UInt8](repeating: UInt8(round), count: 99)
                )
            }
            ftruncate(file.rawValue, off_t((8 - round) << 20))
            let known = try await stored
            let bytes = try fixture.scratch.read(fixture.place(of: known.hash))
            #expect(ObjectHash(of: bytes) == known.hash)
            #expect(bytes.count == known.byteCount)
        }
        #expect(try fixture.leftovers().isEmpty)
    }

    @Test func cancelledBulkLeavesNothingHalf() async throws {
        let fixture = try PosixFixture()
        let store = fixture.store
        let writing = Task {
            let endless = sequence(first: 0) { $0 + 1 }.lazy.map { number in
                NewObject(.bytes(Array("object \(number)".utf8)), tag: number, likelyByteCount: 1 << 30)
            }
            var count = 0
            try await store.put(all: Supply(endless)) { batch in
                count += batch.count
                if count > 20 { withUnsafeCurrentTask { $0?.cancel() } }
            }
        }
        await #expect(throws: (any Error).self) { try await writing.value }
        #expect(try fixture.leftovers().isEmpty)
        try store.forEachObject { hash, _ in
            let isWhole = try store.rehash(hash)
            #expect(isWhole)
        }
    }

    @Test func errorOfWhoIsToldEndsIt() async throws {
        struct Refusal: Error {}
        let fixture = try PosixFixture()
        let inputs = (0..<10).map { NewObject(.bytes([UInt8($0)]), tag: $0, likelyByteCount: 1 << 30) }
        await #expect(throws: Refusal.self) {
            try await fixture.store.put(all: Supply(inputs)) { _ in throw Refusal() }
        }
        #expect(try fixture.leftovers().isEmpty)
    }
}

extension PosixFixture {
    fileprivate func inode(of hash: ObjectHash) throws -> UInt64? {
        try disk.status(at: DiskPath(shardedIn: "objects", hash))?.stamp.inode
    }
}
