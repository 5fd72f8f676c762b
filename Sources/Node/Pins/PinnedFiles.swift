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
    /// Objects that are not here, with the bytes they lack, for which there can be room; in order of the pins.
    private(set) var missing: [(hash: ObjectHash, byteCount: Int)] = []
    private(set) var shortage = PinShortage()

    private var seen: Set<ObjectHash> = []
    private var chargedByteCount = 0
    /// What objects can take beside everything else; nil: unlimited.
    private let room: Int?

    init(node: Node) throws {
        room = try node.charge.objectRoom()
        shortage.quotaByteCount = node.policy.maxStorage?.value ?? 0
        let walk = TreeWalk(view: node.view())
        for pin in node.pins.pins {
            var counts: FileCounts?
            if let hash = pin.hash {
                if let known = try node.catalog.known(hash) {
                    counts = FileCounts()
                    let byteCount = known.object.byteCount
                    counts?.add(byteCount: byteCount, localByteCount: known.held ? byteCount : 0)
                    hold(hash, byteCount: byteCount, localByteCount: known.held ? byteCount : 0)
                }
            } else if let entry = node.pins.entry(of: pin) {
                counts = FileCounts()
                var files = walk.files(below: entry)
                while let file = try files.next() {
                    counts?.add(byteCount: file.byteCount, localByteCount: file.localByteCount)
                    guard case .object(let hash) = file.kind else { continue }
                    hold(hash, byteCount: file.byteCount, localByteCount: file.localByteCount)
                }
            }
            holdings.append(Holding(pin: pin, files: counts))
        }
    }

    private mutating func hold(_ hash: ObjectHash, byteCount: Int, localByteCount: Int) {
        guard seen.insert(hash).inserted else { return }
        guard localByteCount < byteCount else {
            chargedByteCount += Allocation.byteCount(of: byteCount)
            return
        }
        // Parts that are here have their room already.
        let needed = byteCount - localByteCount
        let charge = Allocation.byteCount(of: needed)
        if let room, charge > room - chargedByteCount { return shortage.add(byteCount) }
        chargedByteCount += charge
        missing.append((hash, needed))
    }
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
