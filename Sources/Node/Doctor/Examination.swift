import Objects
import Storage
package import SystemPackage

/// Looks at the machine, the root and the instance for what keeps things from working.
///
/// Facts are gathered subject by subject, each with what it amounts to; what is not there cannot be looked at, and is not
/// told of.
package struct Examination: Sendable {
    /// A running node has so long to answer.
    private static let patience = Duration.seconds(20)

    private let root: FilePath
    private let secret: FilePath
    private let time: any Timekeeper

    package init(root: FilePath, secret: FilePath) { self.init(root: root, secret: secret, time: SystemTime()) }

    init(root: FilePath, secret: FilePath, time: any Timekeeper) {
        (self.root, self.secret, self.time) = (root, secret, time)
    }

    package func findings() async -> [Finding] {
        let unasked = Mending(root: root)
        let (place, configuration) = RootFacts.gathered(at: root, unasked)
        let deadline = configuration?.fetchDeadline ?? .seconds(10)
        var findings = FuseFacts.gathered(root: root, fetchDeadline: deadline).findings
        findings += await MountFacts.gathered(time: time).findings
        findings += place.findings
        guard place.isThere else {
            return findings + versions(nil, unasked).findings + LimitFacts.gathered(isNode: false).findings
        }
        findings += KeyFacts.gathered(root: root, secret: secret).findings
        let policy = configuration?.policy
        findings +=
            DiskFacts.gathered(unasked, dropsObjects: policy?.dropsObjects ?? false)?.findings
            ?? [.unknown(.disk, "what is left of the disk of \(root) cannot be told")]
        let state = configuration == nil ? NodeState(mending: unasked) : await asked()
        findings += state.findings
        findings += (state.facts?.limits ?? .gathered(isNode: false)).findings
        findings += versions(state.facts, state.mending).findings
        guard let configuration, state.failure != .silent else { return findings }
        let hasPreviews = Previews.program != nil
        findings += ProgramFacts(hasPreviews: hasPreviews, dropsObjects: configuration.policy.dropsObjects).findings
        let listening = configuration.instance.listen.flatMap { try? Listening(words: $0) }
        findings += PortFacts.gathered(listening, node: state.facts, state.mending).findings
        return findings + (state.facts.map { told($0, state.mending) } ?? [])
    }

    private func told(_ node: NodeFacts, _ mending: Mending) -> [Finding] {
        // A node that is opened for a moment is connected with nobody.
        let clocks = ClockFacts(clocks: node.clocks, silent: node.silent, hasPeers: node.peerCount > 0)
        return clocks.findings + CatalogFacts(sample: node.sample, mending: mending).findings
    }

    private func versions(_ node: NodeFacts?, _ mending: Mending) -> VersionFacts {
        let peers = node?.clocks.map { ($0.name, node?.protocols[$0.name]) } ?? []
        var facts = VersionFacts(mending: mending)
        facts.node = node?.version
        facts.peers = Dictionary(peers) { first, _ in first }
        return facts
    }

    /// Asks the running node, or opens the root here if there is none.
    private func asked() async -> NodeState {
        var state = NodeState(mending: Mending(root: root, process: Root.processID(of: root)))
        do {
            state.facts = try await answer()
            if let facts = state.facts {
                state.mending.process = facts.isServing ? facts.process : nil
            } else {
                state.failure = .silent
            }
        } catch RootError.inUse(_, let process) {
            (state.failure, state.mending.process) = (.silent, process)
        } catch {
            let words = CommandError(explaining: error).message
            state.failure = .failed(words, mend: mend(error, state.mending))
        }
        return state
    }

    private func mend(_ error: any Error, _ mending: Mending) -> String {
        if error is ConfigurationError { return mending.edit }
        return error as? CommandError == .unknownCommand(ExamineNode.name)
            ? mending.restart() : mending.iom("fsck --repair --rebuild")
    }

    /// nil: it did not come in time.
    private func answer() async throws -> NodeFacts? {
        let execution = Execution(root: root, secret: secret)
        return try await withThrowingTaskGroup(of: NodeFacts?.self) { group in
            group.addTask { [time] in
                try await time.sleep(for: Self.patience)
                return nil
            }
            group.addTask {
                let (answers, answered) = AsyncStream<NodeFacts>.makeStream()
                try await execution.perform(ExamineNode()) { answered.yield($0) }
                answered.finish()
                return await answers.first { _ in true }
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}
