extension Lineage {
    /// Versions one import may bring.
    package static let importCountMax = 100_000

    /// Takes in versions that somebody else has: their nodes, which are stored here as plain objects, with their data.
    ///
    /// Their history is not linked in (one-format 2.6): of each node no other one of them comes from, the data becomes a
    /// branch of its own, with the time of that node, and is united with what is current, the oldest first. The
    /// reference does so with the deepest one only and loses the others (one-protocol 4.10 #2).
    ///
    /// What holds: the result does not depend on the order in which nodes that come together are given, and what is in
    /// the history already changes nothing. Versions that come in several rounds give another head node if the rounds
    /// come in another order, and the items of arrays and the entries of maps may stand in another order then, for the
    /// current version is the first one of each merge; everything else in the data is the same. Instances of one owner
    /// exchange the nodes themselves and end at one head (`adopt`).
    ///
    /// Two who only see each other's current versions come to rest. Lists of channels, bags and sets are then the same
    /// on both; of a value that was set on both sides each may keep another one, for a version that comes over the wire
    /// says all its values anew, at the time of its node.
    @discardableResult
    package mutating func importing(_ nodes: [ObjectHash]) throws(MergeError) -> Outcome {
        guard nodes.count <= Self.importCountMax else { throw .impossible("\(nodes.count) versions at once") }
        var branches: Set<Branch> = []
        for leaf in try leaves(among: Set(nodes)) {
            let node = try node(leaf)
            guard node.creationTime.isFinite else { throw .damaged(leaf, "its time is no number") }
            _ = try version(node.data)
            branches.insert(Branch(milliseconds: node.creationTime, data: node.data))
        }
        var next = self
        var outcomes: Set<Outcome> = []
        for branch in branches.sorted() {
            outcomes.insert(try next.take(branch: branch.data, at: branch.milliseconds))
        }
        self = next
        return outcomes.contains(.merged) ? .merged : outcomes.contains(.advanced) ? .advanced : .exists
    }

    private struct Branch: Hashable, Comparable {
        let milliseconds: Double
        let data: ObjectHash

        static func < (left: Self, right: Self) -> Bool {
            (left.milliseconds, left.data) < (right.milliseconds, right.data)
        }
    }

    /// Those of some nodes that no other of them comes from.
    ///
    /// Where older nodes are not here, what lies behind them is not known to be one history, and is taken as several.
    private func leaves(among nodes: Set<ObjectHash>) throws(MergeError) -> Set<ObjectHash> {
        var leaves = nodes
        var lowest = Double.infinity
        for hash in nodes { lowest = min(lowest, try node(hash).depth) }
        var visited: Set<ObjectHash> = []
        var open: [(hash: ObjectHash, depth: Double)] = nodes.map { ($0, .infinity) }
        while let next = open.popLast() {
            if next.depth < .infinity { leaves.remove(next.hash) }
            guard let node = try nodeIfHere(next.hash, among: nodes) else { continue }
            guard node.depth >= 0, node.depth < next.depth else {
                throw .damaged(next.hash, "its depth does not fit its history")
            }
            // Behind the lowest of them there is none: a new version of something old is not followed to its beginning.
            guard node.depth > lowest || nodes.contains(next.hash), visited.insert(next.hash).inserted else { continue }
            guard visited.count <= VersionGraph.nodesMax else {
                throw .damaged(next.hash, "the history has too many nodes")
            }
            open += node.predecessors.map { ($0, node.depth) }
        }
        return leaves
    }

    /// nil: it lies behind those that were given, and is not here.
    private func nodeIfHere(_ hash: ObjectHash, among given: Set<ObjectHash>) throws(MergeError) -> VersionNode? {
        do throws(MergeError) {
            return try node(hash)
        } catch {
            switch error {
            case .unreadable(.unreachable) where !given.contains(hash),
                .unreadable(.unknown) where !given.contains(hash):
                return nil
            default: throw error
            }
        }
    }
}
