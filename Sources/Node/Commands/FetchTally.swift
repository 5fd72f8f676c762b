import Objects
import Storage

/// What a fetch of many has come to, and what of it is under way.
struct FetchTally {
    /// Things under way at once: so many that requests are full, and no more than fit into memory.
    private static let flightsMax = 4096

    struct Part: Sendable {
        var file: WantedFile
        var failure: ObjectError?
    }

    private var flying: Set<WantedFile.Thing> = []
    private var counted: Set<ObjectHash> = []
    var item = FetchPaths.Item()
    private(set) var failure: ObjectError?

    var isFull: Bool { flying.count >= Self.flightsMax }
    var isIdle: Bool { flying.isEmpty }

    /// Counts what is missing, and what is here, each object once.
    mutating func count(_ file: WantedFile, _ node: Node) throws {
        if case .object(let hash) = file.thing, !counted.insert(hash).inserted { return }
        guard try !file.isHere(node) else { return item.alreadyHere += 1 }
        item.missingFiles += 1
        item.missingByteCount += file.byteCount
    }

    /// False: it is under way for another path.
    mutating func begin(_ file: WantedFile) -> Bool { flying.insert(file.thing).inserted }

    mutating func add(_ part: Part) {
        flying.remove(part.file.thing)
        if let failure = part.failure {
            (item.failed, self.failure) = (item.failed + 1, failure)
        } else {
            (item.files, item.byteCount) = (item.files + 1, item.byteCount + part.file.byteCount)
        }
    }

    /// How far it is, with the parts of large objects that are under way.
    func report(_ node: Node) -> FetchPaths.Item {
        var item = item
        for case .object(let hash) in flying { item.byteCount += node.store.partials.byteCount(of: hash) }
        return item
    }
}
