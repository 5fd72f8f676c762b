package import Objects
import Synchronization
import SystemPackage

/// The objects and heads on this disk, with the promises of design 3.
///
/// A file in `objects/` has the bytes its name says: it gets its name after its bytes were hashed and are durable. What is
/// read is verified: by a stamp that is that of the last hashing, or by hashing again; what is wrong goes to `quarantine/`
/// and is not here. Who makes one holds the lock of the root, as two would empty each other's `incoming/`.
package final class ObjectStore: Sendable {
    package let root: Root
    let disk: any Disk
    let verdicts: any VerdictLog
    let random: any RandomSource
    let incoming: Incoming
    let objects: ShardedArea
    let heads: ShardedArea
    /// Objects of which only parts are here.
    package let partials: PartialStore
    /// Lists of chunks of large objects.
    package let chunkLists: ChunkShelf
    /// Smaller renditions of images.
    package let previews: PreviewShelf
    let findings = Findings()
    /// Objects whose publication failed when it should have become durable, so that asking the disk again proves
    /// nothing.
    ///
    /// Held while a file gives up its name for another one.
    let distrusted = Mutex<Set<ObjectHash>>([])

    /// Up to this many files, each is made durable by itself: syncfs(2) waits for whatever else the file system has to
    /// write, which may be much of some other program.
    static let singleSyncCountMax = 16

    /// Empties `incoming/`.
    package init(
        root: Root,
        disk: any Disk,
        verdicts: any VerdictLog,
        random: any RandomSource
    ) throws(ObjectError) {
        (self.root, self.disk, self.verdicts, self.random) = (root, disk, verdicts, random)
        incoming = Incoming(on: disk, random: random)
        objects = ShardedArea("objects", on: disk)
        heads = ShardedArea("heads", on: disk)
        partials = PartialStore(on: disk, incoming)
        chunkLists = ChunkShelf(on: disk, incoming)
        previews = PreviewShelf(on: disk, incoming)
        try ObjectError.from("emptying incoming/") { () throws(Errno) in try incoming.empty() }
    }

    /// What was taken out of `objects/` since the start, for one reader; the oldest are dropped if nobody reads.
    package var quarantined: AsyncStream<Quarantined> { findings.stream }

    /// Room on the disk.
    package func space() throws(ObjectError) -> DiskSpace {
        try ObjectError.from("asking for free space") { () throws(Errno) in try disk.space() }
    }

    /// Drops the bytes of an object; nil of them left, no error.
    ///
    /// Whoever has the file open can read it to the end.
    package func remove(_ hash: ObjectHash) throws(ObjectError) {
        do throws(Errno) {
            try disk.remove(objects.path(of: hash))
        } catch {
            if error != .noSuchFileOrDirectory { throw ObjectError(error, "removing \(hash)") }
        }
        chunkLists.remove(hash)
    }

    /// Every object that is here, in order of its hash, with its size.
    ///
    /// Not verified: that is for whoever reads it. Files that are not objects are passed over.
    package func forEachObject(_ body: (ObjectHash, Int) throws -> Void) throws {
        for shard in try ObjectError.from("listing objects/", { () throws(Errno) in try objects.shards() }) {
            let names = try ObjectError.from("listing objects/", { () throws(Errno) in try objects.names(in: shard) })
            for hash in names {
                guard let status = try? disk.status(at: objects.path(of: hash)), status.kind == .file else { continue }
                try body(hash, status.byteCount)
            }
        }
    }
}
