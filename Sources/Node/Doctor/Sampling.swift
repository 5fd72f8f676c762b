import Catalog
import Objects
import Storage
import SystemPackage

/// Compares some objects of the catalog with the files, and some files with the catalog; changes nothing.
///
/// Where there are few, all of them.
struct Sampling: Sendable {
    private static let hashedMax = 24
    private static let hashedByteCountMax = 64 << 20
    /// What comes or goes while it is looked at is looked at again after this.
    private static let secondLookPause = Duration.milliseconds(500)

    let node: Node
    /// Each way.
    var countMax = 200

    private var catalog: Catalog { node.catalog }

    func run() async throws -> CatalogSample {
        var sample = CatalogSample()
        sample.heldCount = try catalog.statistics().heldCount
        try await withTaskExecutorPreference(DiskThreads.shared) {
            let disk = try node.root.disk()
            var budget = (count: Self.hashedMax, bytes: Self.hashedByteCountMax)
            for object in try picked(of: sample.heldCount) {
                sample.soughtCount += 1
                look(at: object, on: disk, &sample, &budget)
            }
            let files = try pickedFiles()
            sample.fileCount = files.count
            sample.unnoted = files.filter { !isHeld($0) }
            guard !sample.missing.isEmpty || !sample.unnoted.isEmpty else { return }
            try await node.time.sleep(for: Self.secondLookPause)
            sample.missing.removeAll { !isHeld($0) || isThere($0, on: disk) }
            sample.unnoted.removeAll { isHeld($0) || !isThere($0, on: disk) }
        }
        return sample
    }

    private func isHeld(_ hash: ObjectHash) -> Bool { (try? catalog.known(hash))??.held == true }

    private func isThere(_ hash: ObjectHash, on disk: PosixDisk) -> Bool {
        ((try? disk.status(at: Self.path(of: hash))) ?? nil) != nil
    }

    private static func path(of hash: ObjectHash) -> DiskPath { DiskPath(shardedIn: "objects", hash) }

    private func look(
        at object: KnownObject,
        on disk: PosixDisk,
        _ sample: inout CatalogSample,
        _ budget: inout (count: Int, bytes: Int)
    ) {
        do throws(Errno) {
            guard let status = try disk.status(at: Self.path(of: object.hash)) else {
                return sample.missing.append(object.hash)
            }
            guard status.kind == .file, status.byteCount == object.byteCount else {
                return sample.misshapen.append(object.hash)
            }
            guard budget.count > 0, object.byteCount <= budget.bytes else { return }
            budget = (budget.count - 1, budget.bytes - object.byteCount)
            sample.hashedCount += 1
            let file = try OpenFile(Self.path(of: object.hash), .read, on: disk)
            if try file.hash() != object.hash { sample.wrong.append(object.hash) }
        } catch {
            sample.unreadable.append(object.hash)
        }
    }

    /// Objects that are said to be here, in no order: each is the next after a random place.
    private func picked(of count: Int) throws -> [KnownObject] {
        if count <= countMax { return try catalog.heldObjects(from: nil, limit: countMax).shuffled() }
        var found: [ObjectHash: KnownObject] = [:]
        for _ in 0..<countMax {
            let place = ObjectHash(of: node.random.bytes(16))
            for object in try catalog.heldObjects(from: place, limit: 1) { found[object.hash] = object }
        }
        return Array(found.values)
    }

    /// Names of files in random directories of `objects/`.
    private func pickedFiles() throws -> [ObjectHash] {
        var files: [ObjectHash] = []
        for shard in try node.store.shards().filter({ $0.area == .objects && $0.changed != nil }).shuffled() {
            guard files.count < countMax else { break }
            files += try node.store.names(in: shard).prefix(countMax - files.count)
        }
        return files
    }
}
