import Glibc
import Objects
import Storage
import SystemPackage
import TestSupport
import Testing

@Suite("Hostile and damaged files")
struct HostileFilesTests {
    static let bytes = Array("the right bytes".utf8)
    static let hash = ObjectHash(of: bytes)

    /// What may have the name of an object instead of its file.
    enum Thing: CaseIterable {
        case directory, fullDirectory, symbolicLink, danglingLink, fifo, socket, empty, truncated, flipped, longer

        func plant(at path: String) throws {
            unlink(path)
            switch self {
            case .directory: mkdir(path, 0o755)
            case .fullDirectory:
                mkdir(path, 0o755)
                mkdir(path + "/inside", 0o755)
            case .symbolicLink: symlink("/etc/passwd", path)
            case .danglingLink: symlink("/nowhere", path)
            case .fifo: mkfifo(path, 0o644)
            case .socket: mknod(path, S_IFSOCK | 0o644, 0)
            case .empty: try write([], path)
            case .truncated: try write(bytes.dropLast(), path)
            case .flipped: try write([bytes[0] ^ 1] + bytes.dropFirst(), path)
            case .longer: try write(bytes + [0], path)
            }
        }

        private func write(_ bytes: some Sequence<UInt8>, _ path: String) throws {
            let file = try FileDescriptor.open(
                FilePath(path),
                .writeOnly,
                options: [.create, .truncate],
                permissions: [.ownerReadWrite]
            )
            try file.closeAfter { _ = try file.writeAll(bytes) }
        }
    }

    @Test(arguments: Thing.allCases)
    func isQuarantinedAndNotHere(_ thing: Thing) async throws {
        let fixture = try PosixFixture()
        _ = try fixture.store.put(Self.bytes)
        let path = fixture.scratch.path.appending(fixture.place(of: Self.hash)).string
        try thing.plant(at: path)

        #expect(try fixture.store.localBytes(of: Self.hash) == nil)
        #expect(try fixture.store.openLocal(Self.hash) == nil)
        #expect(try fixture.store.localByteCount(of: Self.hash) == nil)
        await #expect(throws: ObjectError.unknown) { try await fixture.store.byteCount(of: Self.hash) }

        let finding = try #require(try fixture.store.quarantinedFiles().first)
        #expect(finding.hash == Self.hash && !finding.reason.isEmpty)
        var found = fixture.store.quarantined.makeAsyncIterator()
        #expect(await found.next() == finding)
        var status = stat()
        #expect(lstat(path, &status) == -1)

        _ = try fixture.store.put(Self.bytes)
        #expect(try fixture.store.localBytes(of: Self.hash) == Self.bytes)
    }

    @Test(arguments: Thing.allCases)
    func givesWayToTheRightBytes(_ thing: Thing) throws {
        for isBulk in [false, true] {
            let fixture = try PosixFixture()
            _ = try fixture.store.put(Self.bytes)
            let path = fixture.scratch.path.appending(fixture.place(of: Self.hash)).string
            try thing.plant(at: path)
            _ = try isBulk ? fixture.store.put([[1], [2], Self.bytes, [3]]) : [fixture.store.put(Self.bytes)]
            #expect(try fixture.store.localBytes(of: Self.hash) == Self.bytes)
            #expect(try fixture.store.quarantinedFiles().count == 1)
            #expect(try fixture.leftovers().isEmpty)
        }
    }

    /// A link planted in place of a shard would lead bytes out of the root.
    @Test func plantedShardIsNotFollowed() throws {
        let fixture = try PosixFixture()
        let elsewhere = fixture.scratch.path.appending("elsewhere")
        mkdir(elsewhere.string, 0o755)
        let shard = fixture.root.path.appending("objects/\(Self.hash.hex.prefix(2))")
        symlink(elsewhere.string, shard.string)
        #expect(throws: ObjectError.self) { try fixture.store.put(Self.bytes) }
        #expect(throws: ObjectError.self) { try fixture.store.put([Self.bytes, [1], [2], [3]]) }
        #expect(try PosixDisk(elsewhere).list(".").isEmpty)
        #expect(try fixture.leftovers().isEmpty)
    }

    @Test func foreignFilesAreIgnored() throws {
        let fixture = try PosixFixture()
        _ = try fixture.store.put(Self.bytes)
        let shard = "root/objects/\(Self.hash.hex.prefix(2))"
        for name in [
            "root/objects/.DS_Store", "root/objects/lost+found", shard + "/." + Self.hash.hex + ".Xy12ab",
            shard + "/" + Self.hash.hex.uppercased(), shard + "/" + String(repeating: "0", count: 64), shard + "/x",
        ] {
            try fixture.scratch.write([1], to: name)
        }
        mkdir(fixture.root.path.appending("objects/zz").string, 0o755)
        var seen: [ObjectHash] = []
        try fixture.store.forEachObject { hash, _ in seen.append(hash) }
        #expect(seen == [Self.hash])
    }

    /// rsync and other tools restore files with other modes and times; the bytes are what counts.
    @Test func otherModesAndTimesAreRead() throws {
        let fixture = try PosixFixture()
        _ = try fixture.store.put(Self.bytes)
        let path = fixture.scratch.path.appending(fixture.place(of: Self.hash)).string
        chmod(path, 0o600)
        utimes(path, [timeval(tv_sec: 1, tv_usec: 0), timeval(tv_sec: 2, tv_usec: 0)])
        #expect(try fixture.store.localBytes(of: Self.hash) == Self.bytes)
        #expect(try fixture.store.quarantinedFiles().isEmpty)
    }

    /// A file whose stamp is that of the last hashing is not hashed again: that is what makes reading fast.
    @Test func unchangedFileIsNotHashedAgain() throws {
        let disk = MemoryDisk()
        let store = try MemoryFixture(disk).store()
        _ = try store.put(Self.bytes)
        let path: DiskPath = DiskPath("objects/\(Self.hash.hex.prefix(2))/\(Self.hash.hex)")
        disk.tamper(path, keepingTimes: true) { $0[0] ^= 1 }
        #expect(try store.localByteCount(of: Self.hash) == Self.bytes.count)
        disk.tamper(path) { _ in }
        #expect(try store.localByteCount(of: Self.hash) == nil)
    }

    /// A disk that loses bits changes no time: only hashing again finds it.
    @Test func rehashingFindsWhatNoStampShows() throws {
        let disk = MemoryDisk()
        let store = try MemoryFixture(disk).store()
        _ = try store.put(Self.bytes)
        #expect(try store.rehash(Self.hash))
        let path: DiskPath = DiskPath("objects/\(Self.hash.hex.prefix(2))/\(Self.hash.hex)")
        disk.tamper(path, keepingTimes: true) { $0[0] ^= 1 }
        #expect(try !store.rehash(Self.hash))
        #expect(try store.localBytes(of: Self.hash) == nil)
        #expect(try store.quarantinedFiles().map(\.hash) == [Self.hash])
    }

    @Test func readErrorIsReportedAndNothingIsQuarantined() throws {
        let disk = MemoryDisk()
        let fixture = try MemoryFixture(disk)
        _ = try fixture.store().put(Self.bytes)
        for number in 1... {
            let store = try fixture.store()
            let start = disk.operationCount
            disk.fail(at: start + number, with: .ioError)
            do {
                let bytes = try store.localBytes(of: Self.hash)
                #expect(bytes == Self.bytes)
            } catch {
                guard case ObjectError.system(.ioError, _) = error else { throw error }
            }
            let isOver = disk.operationCount < start + number
            disk.restart(.nothing)
            #expect(try store.quarantinedFiles().isEmpty)
            if isOver { break }
        }
    }
}
