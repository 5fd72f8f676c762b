import Glibc
import Objects
import Storage
import SystemPackage
import TestSupport
import Testing

@Suite("Root")
struct RootTests {
    @Test func createdRootHasTheLayoutAndBelongsToOneUserOnly() throws {
        let scratch = try Scratch()
        let mask = umask(0)
        defer { umask(mask) }
        let root = try Root.create(at: scratch.path.appending("a/b/root"))
        func permissions(_ name: String) -> UInt32 {
            var status = stat()
            return lstat(root.path.appending(name).string, &status) == 0 ? status.st_mode & 0o7777 : 0
        }
        #expect(permissions(".") == 0o700)
        #expect(permissions("private") == 0o700)
        for name in ["objects", "heads", "quarantine", "incoming", "partial", "chunks"] {
            #expect(permissions(name) == 0o755, "\(name)")
        }
        #expect(permissions(".rsync-filter") == 0o644)
        let lock = try root.lock()
        #expect(permissions("lock") == 0o600)
        #expect(try Root.open(at: root.path) == root)
        #expect(try Root.create(at: root.path) == root)
        _ = consume lock
    }

    @Test func otherDirectoriesAreNotTaken() throws {
        let scratch = try Scratch()
        try scratch.write([1], to: "thesis.tex")
        #expect(throws: RootError.occupied(scratch.path)) { try Root.create(at: scratch.path) }
        #expect(throws: RootError.missing(scratch.path)) { try Root.open(at: scratch.path) }
        let absent = scratch.path.appending("absent")
        #expect(throws: RootError.missing(absent)) { try Root.open(at: absent) }
        let file = scratch.path.appending("thesis.tex")
        #expect(throws: RootError.self) { try Root.open(at: file) }
        #expect(throws: RootError.self) { try Root.create(at: file) }
        #expect(try PosixDisk(scratch.path).list(".").map(\.text) == ["thesis.tex"])
    }

    @Test(arguments: [".", "objects", "heads", "private", "quarantine", "incoming", "partial", "chunks"])
    func writableByOthersIsRefused(_ name: String) throws {
        let scratch = try Scratch()
        let root = try Root.create(at: scratch.path.appending("root"))
        for mode: UInt32 in [0o777, 0o770, 0o702] {
            chmod(root.path.appending(name).string, mode)
            #expect(throws: RootError.self) { try Root.open(at: root.path) }
        }
        chmod(root.path.appending(name).string, 0o700)
        #expect(try Root.open(at: root.path) == root)
    }

    @Test func privateReadableByOthersIsRefused() throws {
        let scratch = try Scratch()
        let root = try Root.create(at: scratch.path.appending("root"))
        chmod(root.path.appending("private").string, 0o750)
        #expect(throws: RootError.self) { try Root.open(at: root.path) }
    }

    @Test(.enabled(if: geteuid() == 0))
    func ownedByAnotherIsRefused() throws {
        let scratch = try Scratch()
        let root = try Root.create(at: scratch.path.appending("root"))
        chown(root.path.string, 12345, 12345)
        #expect(throws: RootError.self) { try Root.open(at: root.path) }
    }

    @Test(arguments: ["objects", "heads", "private", "quarantine", "incoming"])
    func linkInPlaceOfADirectoryIsRefused(_ name: String) throws {
        let scratch = try Scratch()
        let root = try Root.create(at: scratch.path.appending("root"))
        rmdir(root.path.appending(name).string)
        symlink("/tmp", root.path.appending(name).string)
        #expect(throws: RootError.self) { try Root.open(at: root.path) }
    }

    @Test func lockedRootSaysByWhom() throws {
        let scratch = try Scratch()
        let root = try Root.create(at: scratch.path.appending("root"))
        do {
            let lock = try root.lock()
            #expect(throws: RootError.inUse(root.path, processID: getpid())) { _ = try root.lock() }
            _ = consume lock
        }
        // What a killed process leaves is a file, not a lock.
        try scratch.write(Array("4711\n".utf8), to: "root/lock")
        _ = try root.lock()
    }

    /// `rsync -aF` of the root, and back, is a backup: truth is in it, what is derived is not.
    @Test func rsyncMakesABackupThatCanBeRestored() throws {
        let fixture = try PosixFixture()
        let known = try fixture.store.put((0..<20).map { Array("object \($0)".utf8) })
        let id = IDHash(known[0].hash)
        try fixture.store.setHead(known[1].hash, of: id)
        for name in [
            "catalog.sqlite", "catalog.sqlite-wal", "control.sock", "incoming/half", "pins", "private/catalog.sqlite",
        ] {
            try fixture.scratch.write([1], to: "root/" + name)
        }
        try fixture.scratch.write([1], to: "root/objects/lock")
        _ = try fixture.root.lock()
        let (backup, restored) = (fixture.scratch.path.appending("backup"), fixture.scratch.path.appending("restored"))
        try #require(Scratch.run("rsync", "-aF", fixture.root.path.string + "/", backup.string + "/") == 0)
        let names = Set(try PosixDisk(backup).list(".").map(\.text))
        #expect(
            names == [
                "objects", "heads", "private", "pins", "quarantine", "incoming", "partial", "chunks", "previews",
                ".rsync-filter",
            ]
        )
        #expect(try PosixDisk(backup).list("incoming").isEmpty)
        // The patterns are anchored: files of these names elsewhere are not left out.
        #expect(try PosixDisk(backup).status(at: "objects/lock") != nil)
        #expect(try PosixDisk(backup).status(at: "private/catalog.sqlite") != nil)

        try #require(Scratch.run("rsync", "-aF", backup.string + "/", restored.string + "/") == 0)
        let root = try Root.open(at: restored)
        let store = try ObjectStore(
            root: root,
            disk: root.disk(),
            verdicts: VerdictMemory(),
            random: SystemRandom()
        )
        for object in known { #expect(try store.contains(object.hash)) }
        #expect(try store.head(of: id) == known[1].hash)
    }
}
