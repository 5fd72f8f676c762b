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
            try? await time.sleep(for: pause * jitter)
            pause = min(pause * 2, Self.pauseMax)
        }
    }

    private func connect(to member: Member, settled: Once) async {
        await withTaskGroup(of: Void.self) { tasks in
            let changes = links.changes()
            tasks.addTask {
                // A session that begins settles the dial, though the dial itself returns only when it ends.
                for await _ in changes where links.isConnected(to: member.registration.instanceID) { settled.call() }
            }
            do {
                guard let address = Endpoint(url: endpoint) else {
                    throw PeerError.unreachable("\(endpoint) is no ws:// address")
                }
                try await dialer.connect(to: address, instanceKey: member.registration.publicKey, group: group)
            } catch {
                logger.debug("dialling \(name): \(error)")
            }
            tasks.cancelAll()
        }
    }
}
