import Objects
import Storage
import SystemPackage
import TestSupport

/// A root on a disk in memory, on which a store can be opened again and again.
struct MemoryFixture {
    let disk: MemoryDisk

    init(_ disk: MemoryDisk) throws {
        self.disk = disk
        try Root.lay(out: disk)
        try disk.synchronizeAll()
    }

    /// A store that knows nothing of what an earlier one verified.
    func store(seed: UInt64 = 1) throws -> ObjectStore {
        try ObjectStore(
            root: Root(unchecked: "/memory"), disk: disk, verdicts: VerdictMemory(), random: SeededRandom(seed: seed))
    }
}
