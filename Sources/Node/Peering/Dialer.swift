import Logging
import Objects
import Peers

/// Keeps a connection to one own peer: dials, and dials again with growing pauses, for as long as it runs.
struct Dialer: Sendable {
    private static let pauseMin = Duration.milliseconds(250)
    private static let pauseMax = Duration.seconds(30)

    let name: String
    let endpoint: String
    let dialer: PeerDialer
    let group: IoMGroup
    let links: Links
    let roll: Roll
    let time: any Timekeeper
    let random: any RandomSource
    let logger: Logger

    /// Until cancelled; `settled` is called after the first connection or the first failure.
    func run(settled: @escaping @Sendable () -> Void) async {
        var pause = Self.pauseMin
        let first = Once(settled)
        while !Task.isCancelled {
            let start = time.elapsed
            if let member = roll.members.first(where: { $0.name == name && !$0.registration.isRevoked }),
                !links.isConnected(to: member.registration.instanceID)
            {
                await connect(to: member, settled: first)
            }
            first.call()
            // A connection that lasted was a good one: the next dial comes soon.
            if time.elapsed - start > Self.pauseMax { pause = Self.pauseMin }
            let jitter = Double(random.number(below: 512)) / 1024 + 0.75
            await rest(for: pause * jitter)
            pause = min(pause * 2, Self.pauseMax)
        }
    }

    /// Pauses; shorter when another instance is needed meanwhile, but never shorter than the least.
    private func rest(for pause: Duration) async {
        // A stream of its own for each pause: one whose reader was cancelled has ended for good, and would end every
        // later pause at once.
        let calls = links.calls()
        try? await time.sleep(for: Self.pauseMin)
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try? await time.sleep(for: pause - Self.pauseMin) }
            tasks.addTask { for await _ in calls { return } }
            await tasks.next()
            tasks.cancelAll()
        }
    }

    private func connect(to member: Member, settled: Once) async {
        let sessionCount = links.sessionCount(with: member)
        await withTaskGroup(of: Void.self) { tasks in
            let changes = links.changes()
            tasks.addTask {
                // A session that begins settles the dial, though the dial itself returns only when it ends.
                for await _ in changes where links.isConnected(to: member.registration.instanceID) { settled.call() }
            }
            do {
                guard let address = Endpoint(url: endpoint) else {
                    throw PeerError.unreachable("\(endpoint) is no ws:// or wss:// address")
                }
                try await dialer.connect(to: address, instanceKey: member.registration.publicKey, group: group)
            } catch {
                if let error = error as? PeerError {
                    // The end of a session is told by the session.
                    let isDial = links.sessionCount(with: member) == sessionCount
                    if let refusal = Roll.Refusal(saidIn: error) {
                        links.refused(by: member, reason: refusal.rawValue, isDial: isDial)
                    } else if isDial {
                        links.failed(dialling: member, error)
                    }
                }
                logger.debug("dialling failed", metadata: LogReason.metadata(error, peer: name))
            }
            tasks.cancelAll()
        }
    }
}
