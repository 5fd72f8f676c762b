/// What only an open instance can tell of itself.
struct NodeFacts: Codable, Hashable, Sendable {
    var version = ProgramVersion.text
    /// Whether it runs until it is told to stop.
    var isServing: Bool
    var process: Int32
    /// Where it listens.
    var endpoint: String?
    /// Whether it has its keys.
    var isUnsealed: Bool
    /// Other devices of the owner that were not revoked.
    var peerCount: Int
    var limits: LimitFacts
    var clocks: [PeerClock]
    /// Connected, and gave no answer in time.
    var silent: [String]
    /// The protocol that connected instances speak.
    var protocols: [String: Int]
    var sample: CatalogSample
}

/// Whether the instance could be asked.
struct NodeState: Sendable {
    enum Failure: Hashable, Sendable {
        /// It runs, and there was no answer.
        case silent
        case failed(String, mend: String)
    }

    var facts: NodeFacts?
    var failure: Failure?
    var mending: Mending

    var findings: [Finding] {
        switch failure {
        case .silent:
            let words = "the node of this root does not answer"
            let name = mending.process.map { "\(words): it is process \($0)" } ?? words
            return [.problem(.node, name, mend: mending.process.map { "kill -9 \($0); \(mending.iom("serve"))" })]
        case .failed(let words, let mend): return [.problem(.node, words, mend: mend)]
        case nil: break
        }
        guard let facts else { return [] }
        guard facts.isServing else { return [.ok(.node, "no node runs on this root, and it can be opened")] }
        guard facts.isUnsealed else {
            let words = "the node (process \(facts.process)) runs without its keys, so it reaches nobody"
            return [.problem(.node, words, mend: mending.restart())]
        }
        return [.ok(.node, "a node runs on this root (process \(facts.process)) and answers")]
    }
}
