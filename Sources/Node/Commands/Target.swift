import Objects
import Storage
import Views

/// What a person names: an object by its hash, or an entry of the tree by its path.
enum Target {
    case object(ObjectHash)
    case entry(Entry)

    /// A path is as in the mount, from its top or, where something is mounted, from the top of this computer.
    init(_ name: String, on node: Node, _ walk: TreeWalk) throws {
        if let hash = ObjectHash(hex: name) {
            self = .object(hash)
        } else {
            self = .entry(try walk.entry(at: Self.path(name, below: node.mounts.mounted.map(\.directory))))
        }
    }

    private static func path(_ name: String, below mounts: [String]) -> String {
        for mount in mounts where name == mount || name.hasPrefix(mount + "/") {
            return String(name.dropFirst(mount.count))
        }
        return name
    }

    /// What is pinned by it.
    var pinTarget: PinTarget {
        switch self {
        case .object(let hash): .object(hash)
        case .entry(let entry): View.pinTarget(entry)
        }
    }
}
