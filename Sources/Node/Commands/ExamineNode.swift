import Glibc
import Objects
import Peers
import Synchronization

/// Gathers what only an open instance knows of itself, for `iom doctor`.
struct ExamineNode: NodeCommand {
    static let name = "doctor"

    /// Other instances have so long to answer.
    private static let patience = Duration.seconds(3)

    typealias Item = NodeFacts

    func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        let isServing = node.serving.load(ordering: .relaxed)
        let sessions = node.links.sessions
        let clocks = await clocks(of: sessions, node)
        let names = Set(sessions.map(\.member.name))
        let records = node.links.book.records.values.filter { names.contains($0.name) }
        let others = (node.roll?.members ?? []).filter {
            !$0.registration.isRevoked && $0.registration.instanceID != node.identity?.instanceID
        }
        try await emit(
            NodeFacts(
                isServing: isServing,
                process: getpid(),
                endpoint: node.endpoint,
                isUnsealed: node.identity != nil,
                peerCount: others.count,
                limits: .gathered(isNode: isServing),
                clocks: clocks,
                silent: names.subtracting(clocks.map(\.name)).sorted(),
                protocols: Dictionary(
                    records.compactMap { record in record.protocolNumber.map { (record.name, $0) } }
                ) { first, _ in first },
                sample: try await Sampling(node: node).run()
            )
        )
    }

    /// All are asked at once.
    private func clocks(of sessions: [IoMSession], _ node: Node) async -> [PeerClock] {
        await withTaskGroup(of: PeerClock?.self) { group in
            for session in sessions {
                group.addTask {
                    await withTaskGroup(of: PeerClock?.self) { asking in
                        asking.addTask { await PeerRooms(node: node, session: session).ask() }
                        asking.addTask {
                            try? await node.time.sleep(for: Self.patience)
                            return nil
                        }
                        defer { asking.cancelAll() }
                        return await asking.next() ?? nil
                    }
                }
            }
            return await group.reduce(into: []) { clocks, clock in if let clock { clocks.append(clock) } }
        }
    }
}
