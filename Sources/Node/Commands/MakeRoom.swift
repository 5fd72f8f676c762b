import Catalog
import Objects

/// Drops from this device what would go first, until little enough is used for nothing to go by itself.
package struct MakeRoom: NodeCommand {
    package static let name = "make-room"
    package static var needsPeers: Bool { true }

    /// Nothing is dropped: only told what would be.
    package var isRehearsal: Bool

    package init(isRehearsal: Bool) { self.isRehearsal = isRehearsal }

    package typealias Item = EvictPaths.Item

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        guard !node.policy.keepsEverything else {
            throw CommandError("this device keeps everything: nothing has to go")
        }
        guard node.policy.dropsObjects else {
            throw CommandError("nothing goes by itself here (`prune_strategy`): name the paths that are to go")
        }
        let before = try node.charge.reading()
        let until = Int(Double(before.limit) * PressureGauge.low) - before.reserve
        var sum = EvictPaths.Sum()
        var relief = Relief(node: node, until: until, isRehearsal: isRehearsal)
        let steps = PressureStep.steps(at: .full, keepsVersions: node.policy.keepAllVersions)
        let isDone = try await relief.run(steps, reason: "`iom evict`") { choice in
            guard let outcome = try Self.outcome(of: choice, node) else { return }
            sum.add(outcome)
            try await emit(.outcome(outcome))
        }
        var after = try node.charge.reading()
        if isRehearsal {
            after.used -= sum.byteCount
        } else if sum.evicted > 0 {
            node.charge.tellRoomMade()
        }
        sum.room = after.words
        try await emit(.sum(sum))
        guard !isDone else { return }
        let code: Int32 = sum.evicted == 0 ? 1 : 3
        guard !relief.isAlone else {
            let words =
                "nothing else goes while no device that keeps everything can be asked whether it has it: try again"
            throw CommandError(words, exitCode: code)
        }
        let goal = ByteCount(Int(Double(after.limit) * PressureGauge.low))
        throw CommandError(
            "nothing else may go, and more than \(goal) stays in use: `iom unpin` something, or raise `max_storage`",
            exitCode: code
        )
    }

    /// nil: it was chosen in vain, and something else goes for it.
    private static func outcome(of choice: Relief.Choice, _ node: Node) throws -> EvictPaths.Outcome? {
        let hash = choice.victim.hash
        var outcome = EvictPaths.Outcome(
            path: try node.catalog.paths(of: hash).first ?? hash.hex,
            hash: hash,
            byteCount: choice.victim.chargedByteCount,
            isEvicted: choice.verdict.isEvicted,
            rule: choice.step.words,
            reason: choice.verdict.words,
            used: choice.victim.used.wholeMilliseconds
        )
        switch choice.verdict {
        case .evicted(_, let holder, let verified):
            (outcome.holder, outcome.verified) = (holder, verified.wholeMilliseconds)
        case .notLocal, .pinned, .needed, .noHolder(.unreachable), .noHolder(.noKeeper): return nil
        case .kept, .promised, .noHolder: break
        }
        return outcome
    }
}
