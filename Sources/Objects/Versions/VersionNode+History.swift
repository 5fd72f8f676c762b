extension VersionNode {
    /// All versions up to this head, oldest first, each with its node's hash (one-format 2.5): merge nodes lead to
    /// versions but are none.
    ///
    /// A version two branches share comes once, before both.
    package static func history(
        from head: ObjectHash,
        node: (ObjectHash) throws(ObjectError) -> VersionNode
    ) throws(ObjectError) -> [(hash: ObjectHash, node: VersionNode)] {
        var versions: [(hash: ObjectHash, node: VersionNode)] = []
        var visited: Set<ObjectHash> = []
        var open: [Step] = [.enter(head)]
        while let step = open.popLast() {
            switch step {
            case .enter(let hash):
                guard visited.insert(hash).inserted else { continue }
                let entered = try node(hash)
                open.append(.leave(hash, entered))
                // The last of the predecessors is the oldest in the list, so it is entered first.
                open += entered.predecessors.map { .enter($0) }
            case .leave(_, let left) where left.isMerge: continue
            case .leave(let hash, let left): versions.append((hash, left))
            }
        }
        return versions
    }

    /// The same without the hashes.
    package static func versions(
        from head: ObjectHash,
        node: (ObjectHash) throws(ObjectError) -> VersionNode
    ) throws(ObjectError) -> [VersionNode] {
        try history(from: head, node: node).map(\.node)
    }

    /// Whether node `ancestor` can be reached from node `descendant` by going back; no node is its own ancestor.
    ///
    /// Nodes of this depth or less are not gone behind: give the ancestor's where older ones may be missing.
    package static func isAncestor(
        _ ancestor: ObjectHash,
        of descendant: ObjectHash,
        above depth: Double = -.infinity,
        node: (ObjectHash) throws(ObjectError) -> VersionNode
    ) throws(ObjectError) -> Bool {
        var visited: Set<ObjectHash> = []
        var open = [descendant]
        while let hash = open.popLast() {
            guard visited.insert(hash).inserted else { continue }
            let entered = try node(hash)
            guard entered.depth > depth else { continue }
            let predecessors = entered.predecessors
            if predecessors.contains(ancestor) { return true }
            open += predecessors
        }
        return false
    }

    /// What is still to do on the way back through the history.
    private enum Step {
        case enter(ObjectHash)
        case leave(ObjectHash, VersionNode)
    }

    private var isMerge: Bool {
        guard case .merge = link else { return false }
        return true
    }
}
