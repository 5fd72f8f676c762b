import Catalog
import Objects
import Storage
import Views

/// What the pins hold, counted by a walk over all of it.
struct PinnedFiles {
    /// One pin and what it holds.
    struct Holding {
        let pin: Pins.Pin
        /// nil: what it names is not known.
        var files: FileCounts?
    }

    private(set) var holdings: [Holding] = []
    /// Objects that are not here and that the quota has room for, in order of the pins.
    private(set) var missing: [ObjectHash] = []
    private(set) var shortage = PinShortage()

    private var seen: Set<ObjectHash> = []
    private var chargedByteCount = 0
    private let quota: Int?

    init(node: Node) throws {
        quota = node.policy.maxStorage?.value
        shortage.quotaByteCount = quota ?? 0
        let walk = TreeWalk(view: node.view())
        for pin in node.pins.pins {
            var counts: FileCounts?
            if let hash = pin.hash {
                if let known = try node.catalog.known(hash) {
                    counts = FileCounts()
                    let byteCount = known.object.byteCount
                    counts?.add(byteCount: byteCount, localByteCount: known.held ? byteCount : 0)
                    hold(hash, byteCount: byteCount, isHere: known.held)
                }
            } else if let entry = node.pins.entry(of: pin) {
                counts = FileCounts()
                var files = walk.files(below: entry)
                while let file = try files.next() {
                    counts?.add(byteCount: file.byteCount, localByteCount: file.localByteCount)
                    guard case .object(let hash) = file.kind else { continue }
                    hold(hash, byteCount: file.byteCount, isHere: file.localByteCount >= file.byteCount)
                }
            }
            holdings.append(Holding(pin: pin, files: counts))
        }
    }

    private mutating func hold(_ hash: ObjectHash, byteCount: Int, isHere: Bool) {
        guard seen.insert(hash).inserted else { return }
        let charge = Self.charge(byteCount)
        if let quota, chargedByteCount + charge > quota, !isHere {
            return shortage.add(byteCount)
        }
        chargedByteCount += charge
        if !isHere { missing.append(hash) }
    }

    /// What a file of this size takes on the disk, in blocks of 4 KiB.
    private static func charge(_ byteCount: Int) -> Int { (byteCount + 4_095) / 4_096 * 4_096 }
}

/// How many files there are and how much of them is here.
struct FileCounts: Hashable {
    var fileCount = 0
    var byteCount = 0
    var localFileCount = 0
    var localByteCount = 0

    mutating func add(byteCount: Int, localByteCount: Int) {
        fileCount += 1
        self.byteCount += byteCount
        if localByteCount >= byteCount { localFileCount += 1 }
        self.localByteCount += min(localByteCount, byteCount)
    }
}

/// Pinned content for which the quota has no room.
struct PinShortage: Hashable {
    var fileCount = 0
    var byteCount = 0
    var quotaByteCount = 0

    mutating func add(_ byteCount: Int) {
        fileCount += 1
        self.byteCount += byteCount
    }

    /// For people; nil where all fits.
    var words: String? {
        guard fileCount > 0 else { return nil }
        return "\(fileCount) pinned file(s), \(ByteCount(byteCount)), do not fit into \(ByteCount(quotaByteCount)) "
            + "and are not fetched: raise `max_storage` in iom.toml, or `iom unpin` something"
    }
}
