import Catalog
package import Objects
import Storage
import Views

/// Drops the bytes of paths or hashes from this device, where another one has proven to have them.
package struct EvictPaths: NodeCommand {
    package static let name = "evict"
    package static var needsPeers: Bool { true }

    /// Objects asked about together.
    private static let batchCount = 1_000

    /// Paths in the tree, or hashes; folders with everything below.
    package var names: [String]
    /// Nothing is dropped: only told what would be.
    package var isRehearsal: Bool

    package init(names: [String], isRehearsal: Bool) { (self.names, self.isRehearsal) = (names, isRehearsal) }

    package enum Item: Codable, Sendable {
        case outcome(Outcome)
        case sum(Sum)
    }

    package struct Outcome: Codable, Sendable, Hashable {
        /// Its hash, if no folder shows it.
        package var path: String
        package var hash: ObjectHash
        package var byteCount: Int
        /// Whether it goes, or would go.
        package var isEvicted: Bool
        /// Why, by the rules of this device; then why not, if it stays.
        package var rule: String
        package var reason: String
        /// When it was used last, in milliseconds since 1970; null: not looked up.
        package var used: Int64?
        /// Who has it.
        package var holder: String?
        /// When that was proven, in milliseconds since 1970.
        package var verified: Int64?
    }

    package struct Sum: Codable, Sendable, Hashable {
        package var evicted = 0
        package var byteCount = 0
        package var kept = 0
        /// How full it is then, in words; nil where paths were named.
        package var room: String?
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        let walk = TreeWalk(view: node.view())
        let targets = try names.map { try ($0, Target($0, on: node, walk)) }
        var (batch, seen, sum) = ([Local](), Set<ObjectHash>(), Sum())
        func take(_ path: String, _ hash: ObjectHash) async throws {
            guard let byteCount = try node.store.localByteCount(of: hash), seen.insert(hash).inserted else { return }
            batch.append(Local(path: path, hash: hash, byteCount: byteCount))
            if batch.count >= Self.batchCount { try await flush() }
        }
        func flush() async throws {
            let outcomes = try await evict(batch, node)
            batch = []
            for outcome in outcomes {
                sum.add(outcome)
                try await emit(.outcome(outcome))
            }
        }
        for (name, target) in targets {
            switch target {
            case .object(let hash): try await take(name, hash)
            case .entry(let entry):
                var files = walk.files(below: entry)
                while let file = try files.next() {
                    if case .object(let hash) = file.kind { try await take(walk.view.path(of: file), hash) }
                }
            }
        }
        try await flush()
        if !isRehearsal, sum.evicted > 0 { node.charge.tellRoomMade() }
        try await emit(.sum(sum))
        guard !isRehearsal, sum.kept > 0 else { return }
        let words = "\(sum.kept) of \(sum.evicted + sum.kept) file(s) stay on this device, for the reasons above"
        throw CommandError(words, exitCode: sum.evicted == 0 ? 1 : 3)
    }

    /// Something that is here.
    private struct Local {
        var path: String
        var hash: ObjectHash
        var byteCount: Int
    }

    private func evict(_ locals: [Local], _ node: Node) async throws -> [Outcome] {
        let rules = try node.grounds(of: locals.map(\.hash))
        let verdicts = try await node.evicting.evict(
            locals.map(\.hash),
            reason: "`iom evict`",
            isRehearsal: isRehearsal
        )
        return locals.compactMap { local in
            guard let verdict = verdicts[local.hash] else { return nil }
            var outcome = Outcome(
                path: local.path,
                hash: local.hash,
                byteCount: local.byteCount,
                isEvicted: verdict.isEvicted,
                rule: rules[local.hash].map { "\($0)" } ?? "",
                reason: verdict.words
            )
            if case .evicted(_, let holder, let verified) = verdict {
                (outcome.holder, outcome.verified) = (holder, verified.wholeMilliseconds)
            }
            return outcome
        }
    }
}

extension EvictPaths.Outcome {
    /// For people: what, why, who has it and since when that is proven.
    package func words(isRehearsal: Bool) -> String {
        guard isEvicted else { return "\(path): stays, \(reason)" }
        var words = "\(path): \(isRehearsal ? "would free" : "freed") \(ByteCount(byteCount)); \(rule)"
        if let used { words += ", last \(Timestamp(wholeMilliseconds: used).words)" }
        if let holder, let verified {
            words += "; \(holder) has it (verified \(Timestamp(wholeMilliseconds: verified).words))"
        }
        return words
    }
}

extension EvictPaths.Sum {
    mutating func add(_ outcome: EvictPaths.Outcome) {
        guard outcome.isEvicted else { return kept += 1 }
        (evicted, byteCount) = (evicted + 1, byteCount + outcome.byteCount)
    }

    /// For people.
    package func words(isRehearsal: Bool) -> String {
        let what = room == nil ? "file(s)" : "object(s)"
        let gone = "\(evicted) \(what) \(isRehearsal ? "would go" : "dropped"), \(ByteCount(byteCount))"
        if evicted == 0, kept == 0 { return room.map { "nothing has to go: \($0)" } ?? "nothing of it is here" }
        return gone + (kept > 0 || room == nil ? "; \(kept) stay" : "") + (room.map { "; \($0)" } ?? "")
    }
}

extension Node {
    /// Why each of these is here, or may go.
    func grounds(of hashes: [ObjectHash]) throws -> [ObjectHash: Ground] {
        let (demand, needed) = (try demand(), try catalog.needed(hashes))
        return try Dictionary(
            uniqueKeysWithValues: Set(hashes).map { hash in
                let facts = Demand.Facts(
                    try catalog.parts(of: hash),
                    pin: try pins.pin(holding: hash)?.description,
                    isWorking: needed.contains(hash),
                    lastUse: try catalog.origin(of: hash)?.time
                )
                return (hash, demand.ground(of: facts))
            }
        )
    }
}
