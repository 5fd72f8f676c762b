/// The part of two histories that counts for a value: all of them, or what came since the value was last set.
struct VersionScope {
    /// By place in the graph.
    let members: [Bool]
    /// The versions that are merged; the same if only one of them still has the value.
    let first: Int
    let second: Int
    /// The node both come from; nil: nothing.
    let base: Int?
}

extension VersionGraph {
    var scope: VersionScope {
        VersionScope(members: nodes.map { _ in true }, first: first, second: second, base: base)
    }

    /// What came of these nodes, themselves included.
    func narrowed(_ scope: VersionScope, to roots: [Int]) -> VersionScope {
        let roots = Set(roots)
        var members = nodes.map { _ in false }
        var beginnings: [Int] = []
        for index in nodes.indices.reversed() where scope.members[index] {
            let follows = nodes[index].predecessors.contains { members[$0] }
            guard follows || roots.contains(index) else { continue }
            members[index] = true
            if !follows { beginnings.append(index) }
        }
        return VersionScope(
            members: members,
            first: members[scope.first] ? scope.first : scope.second,
            second: members[scope.second] ? scope.second : scope.first,
            base: beginnings.count == 1 ? beginnings[0] : nil
        )
    }

    /// The value the merged one is made from: that of the common history, else the first version's.
    func ground<Element>(of column: [Element?], in scope: VersionScope) -> Element? {
        scope.base.flatMap { column[$0] } ?? column[scope.first] ?? column[scope.second]
    }

    /// Whether anything happened to a value.
    func hasChanges(_ column: [Value?], in scope: VersionScope) -> Bool {
        nodes.indices.contains { index in
            scope.members[index] && isStep(index) && column[index] != before(index, in: column)
        }
    }

    /// Where something last happened to a value on the way to each of two versions.
    struct LastSteps {
        var first: [Int] = []
        var second: [Int] = []
    }

    /// Goes back on all branches from both versions, on each to the first node where something happened.
    ///
    /// One that comes before another such node, on whichever side, was known there and no longer counts. That can only
    /// be where the two share nodes without having one common history: the reference, in whose merges one side always
    /// is an `Edge`, never sees it.
    func lastSteps<Failure: Error>(
        in scope: VersionScope,
        where happened: (Int) throws(Failure) -> Bool
    ) throws(Failure) -> LastSteps {
        var steps = LastSteps()
        var reached = nodes.map { _ in Reach() }
        reached[scope.first].first = true
        reached[scope.second].second = true
        var openCount = scope.first == scope.second ? 1 : 2
        // Each stands before those it follows, so that all is known of it when its turn comes.
        for index in min(scope.first, scope.second)..<nodes.count where reached[index].isReached {
            var reach = reached[index]
            if reach.isOpen { openCount -= 1 }
            if reach.isOpen, isStep(index), try happened(index) {
                if reach.first { steps.first.append(index) }
                if reach.second { steps.second.append(index) }
                reach = Reach(isOverlaid: true)
            }
            for predecessor in nodes[index].predecessors where scope.members[predecessor] {
                let wasOpen = reached[predecessor].isOpen
                reached[predecessor].unite(reach)
                openCount += (reached[predecessor].isOpen ? 1 : 0) - (wasOpen ? 1 : 0)
            }
            if openCount == 0 { break }
        }
        return steps
    }

    /// From where a node was reached.
    private struct Reach {
        var first = false
        var second = false
        /// From a node where something happened.
        var isOverlaid = false

        var isReached: Bool { first || second || isOverlaid }
        var isOpen: Bool { (first || second) && !isOverlaid }

        mutating func unite(_ other: Self) {
            first = first || other.first
            second = second || other.second
            isOverlaid = isOverlaid || other.isOverlaid
        }
    }

    /// The one of them that counts; nil: there is none.
    func counting(_ steps: [Int]) -> Int? {
        steps.max { nodes[$1].counts(over: nodes[$0]) }
    }
}
