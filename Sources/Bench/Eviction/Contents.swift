/// What a device with little room holds, by some rule of what goes first.
protocol Contents {
    /// Bytes of what is held.
    var chargedByteCount: Int { get }
    func contains(_ object: Int) -> Bool
    /// It is read and stays here; times are seconds.
    mutating func read(_ object: Int, charge: Int, at time: Double)
    /// Lets the next go.
    mutating func evict() throws
}

/// What was used longest ago goes first.
struct LeastRecent: Contents {
    private var stamps: [Int: (stamp: Int, charge: Int)] = [:]
    /// In order, with those that were used again since.
    private var order: [(stamp: Int, object: Int)] = []
    private var first = 0
    private var stamp = 0
    private(set) var chargedByteCount = 0

    func contains(_ object: Int) -> Bool { stamps[object] != nil }

    mutating func read(_ object: Int, charge: Int, at time: Double) {
        if stamps[object] == nil { chargedByteCount += charge }
        stamp += 1
        stamps[object] = (stamp, charge)
        order.append((stamp, object))
    }

    mutating func evict() {
        while first < order.count {
            let next = order[first]
            first += 1
            guard let item = stamps[next.object], item.stamp == next.stamp else { continue }
            stamps[next.object] = nil
            chargedByteCount -= item.charge
            return
        }
    }
}

/// SIEVE (Zhang et al., NSDI 2024): a hand goes from the oldest to the newest and takes what was not read since it passed.
struct Sieve: Contents {
    private struct Node {
        var charge: Int
        var isVisited = false
        var newer: Int?
        var older: Int?
    }

    private var nodes: [Int: Node] = [:]
    private var newest: Int?
    private var oldest: Int?
    private var hand: Int?
    private(set) var chargedByteCount = 0

    func contains(_ object: Int) -> Bool { nodes[object] != nil }

    mutating func read(_ object: Int, charge: Int, at time: Double) {
        guard nodes[object] == nil else {
            nodes[object]?.isVisited = true
            return
        }
        nodes[object] = Node(charge: charge, older: newest)
        if let newest { nodes[newest]?.newer = object } else { oldest = object }
        newest = object
        chargedByteCount += charge
    }

    mutating func evict() {
        var object = hand ?? oldest
        while let current = object, nodes[current]?.isVisited == true {
            nodes[current]?.isVisited = false
            object = nodes[current]?.newer ?? oldest
        }
        guard let victim = object, let node = nodes.removeValue(forKey: victim) else { return }
        hand = node.newer
        if let newer = node.newer { nodes[newer]?.older = node.older } else { newest = node.older }
        if let older = node.older { nodes[older]?.newer = node.newer } else { oldest = node.newer }
        chargedByteCount -= node.charge
    }
}
