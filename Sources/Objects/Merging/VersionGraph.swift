/// The histories of two versions of a thing, from them back to where they are one (one-format 2.7).
struct VersionGraph {
    struct Node {
        let hash: ObjectHash
        let version: VersionNode
        /// Where the nodes it follows stand; none for one that starts from nothing, and for the common history.
        fileprivate(set) var predecessors: [Int] = []

        var isMerge: Bool {
            guard case .merge = version.link else { return false }
            return true
        }

        /// Which of two things that happened counts: the later one, of the same time that with the greater hash.
        func counts(over other: Self) -> Bool {
            (version.creationTime, hash) > (other.version.creationTime, other.hash)
        }
    }

    /// Histories are no longer than this.
    static let nodesMax = 2_000_000

    /// The deepest first, so that each stands before those it follows.
    let nodes: [Node]
    let first: Int
    let second: Int
    /// The node both come from, the last one; nil: they have nothing in common.
    let base: Int?

    /// Neither may be an ancestor of the other.
    init(
        _ first: ObjectHash,
        _ second: ObjectHash,
        node: (ObjectHash) throws(MergeError) -> VersionNode
    ) throws(MergeError) {
        var queue = Queue()
        try queue.push(first, above: nil, node)
        try queue.push(second, above: nil, node)
        var nodes: [Node] = []
        var startsFromNothing = false
        // What is left when one is left is common to both; nothing lies below all nodes.
        while queue.count > 1 || startsFromNothing, let next = queue.pop() {
            guard nodes.count < Self.nodesMax else { throw .damaged(next.hash, "the history has too many nodes") }
            nodes.append(next)
            if next.version.predecessors.isEmpty { startsFromNothing = true }
            for predecessor in next.version.predecessors { try queue.push(predecessor, above: next, node) }
        }
        base = startsFromNothing ? nil : nodes.count
        if let last = queue.pop() { nodes.append(last) }
        let places = Dictionary(uniqueKeysWithValues: nodes.indices.map { (nodes[$0].hash, $0) })
        for index in nodes.indices where index != base {
            nodes[index].predecessors = nodes[index].version.predecessors.compactMap { places[$0] }
        }
        guard let firstPlace = places[first], let secondPlace = places[second] else {
            throw .damaged(first, "its history does not lead to it")
        }
        (self.nodes, self.first, self.second) = (nodes, firstPlace, secondPlace)
    }

    /// Whether something can have happened to values at a node: it follows one other or none, and that is known.
    func isStep(_ index: Int) -> Bool { index != base && !nodes[index].isMerge }

    /// What a value was before a node; nil: it was not there.
    func before<Element>(_ index: Int, in column: [Element?]) -> Element? {
        nodes[index].predecessors.first.flatMap { column[$0] }
    }
}

extension VersionGraph {
    /// Nodes still to be looked at, the deepest first; of the same depth the one that came first.
    private struct Queue {
        private struct Waiting {
            let node: Node
            let number: Int

            func precedes(_ other: Self) -> Bool {
                let (depth, otherDepth) = (node.version.depth, other.node.version.depth)
                return depth == otherDepth ? number < other.number : depth > otherDepth
            }
        }

        private var heap: [Waiting] = []
        private var known: Set<ObjectHash> = []
        private var pushCount = 0

        var count: Int { heap.count }

        mutating func push(
            _ hash: ObjectHash,
            above successor: Node?,
            _ read: (ObjectHash) throws(MergeError) -> VersionNode
        ) throws(MergeError) {
            guard known.insert(hash).inserted else { return }
            let version = try read(hash)
            // Depths that fall on the way back are what keeps damaged histories from going round.
            guard version.depth >= 0, version.depth < successor?.version.depth ?? .infinity else {
                throw .damaged(successor?.hash ?? hash, "its depth does not fit its history")
            }
            guard version.creationTime.isFinite else { throw .damaged(hash, "its time is no number") }
            heap.append(Waiting(node: Node(hash: hash, version: version), number: pushCount))
            pushCount += 1
            rise(from: heap.count - 1)
        }

        mutating func pop() -> Node? {
            guard let top = heap.first, let last = heap.popLast() else { return nil }
            if !heap.isEmpty {
                heap[0] = last
                sink()
            }
            return top.node
        }

        private mutating func rise(from start: Int) {
            var index = start
            while index > 0, heap[index].precedes(heap[(index - 1) / 2]) {
                heap.swapAt(index, (index - 1) / 2)
                index = (index - 1) / 2
            }
        }

        private mutating func sink() {
            var index = 0
            while true {
                let children = [2 * index + 1, 2 * index + 2].filter { $0 < heap.count }
                guard let child = children.min(by: { heap[$0].precedes(heap[$1]) }), heap[child].precedes(heap[index])
                else { return }
                heap.swapAt(index, child)
                index = child
            }
        }
    }
}
