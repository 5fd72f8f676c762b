import Logging
import Objects
import Peers
import Synchronization

/// Keeps a connection to each instance of a contact that says where it is (one-protocol 1.8).
struct ContactDialer: Sendable {
    /// After so many failures in a row.
    private static let pauses: [Duration] = [5, 10, 20, 30, 60, 120].map(Duration.seconds)
    /// The other side may not have stored yet what it was just told (one-protocol 3.2).
    private static let firstPause = Duration.seconds(1)
    private static let lookInterval = Duration.seconds(30)
    /// More than a person's contacts have.
    private static let endpointsMax = 1_000

    let node: Node
    let desk: ChumDesk
    let peering: Peering

    /// Until cancelled.
    func run() async {
        let dialled = Dialled()
        await withDiscardingTaskGroup { tasks in
            while !Task.isCancelled {
                for endpoint in endpoints() where dialled.insert(endpoint) {
                    tasks.addTask {
                        await keep(endpoint)
                        dialled.remove(endpoint)
                    }
                }
                await news(within: Self.lookInterval)
            }
            tasks.cancelAll()
        }
    }

    private func endpoints() -> [KnownEndpoint] {
        let known = (try? node.contactBook.endpoints()) ?? []
        return Array(known.filter { $0.personID != desk.owner && $0.url != nil }.prefix(Self.endpointsMax))
    }

    private func news(within limit: Duration) async {
        let news = node.contactNews.listen()
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try? await node.time.sleep(for: limit) }
            tasks.addTask { for await _ in news { return } }
            await tasks.next()
            tasks.cancelAll()
        }
    }

    /// As long as the contact's profile has this endpoint.
    private func keep(_ endpoint: KnownEndpoint) async {
        guard let address = endpoint.url.flatMap(Endpoint.init(url:)) else { return await waitUntilGone(endpoint) }
        var failureCount = 0
        await rest(for: Self.firstPause)
        while !Task.isCancelled, endpoints().contains(endpoint) {
            if !node.contacts.isConnected(toKey: endpoint.instanceKey),
                node.contacts.heldOff(endpoint.personID) == nil
            {
                let before = node.contacts.sessionCount(withKey: endpoint.instanceKey)
                let error = await dial(address, endpoint)
                // Only what came to nothing is a failure, not a session that was cut.
                let isMet = node.contacts.sessionCount(withKey: endpoint.instanceKey) > before
                if let error, !isMet { failed(endpoint, error) }
                failureCount = isMet ? 0 : failureCount + 1
            }
            await rest(for: Self.pauses[min(max(failureCount - 1, 0), Self.pauses.count - 1)])
        }
    }

    private func waitUntilGone(_ endpoint: KnownEndpoint) async {
        while !Task.isCancelled, endpoints().contains(endpoint) { await news(within: Self.lookInterval) }
    }

    private func failed(_ endpoint: KnownEndpoint, _ error: PeerError) {
        guard let email = try? node.author.versions.idObject(endpoint.personID).text("email") else { return }
        node.contacts.failed(dialling: endpoint, of: email, error)
    }

    /// How it ended; nil: well.
    private func dial(_ address: Endpoint, _ endpoint: KnownEndpoint) async -> PeerError? {
        do {
            let dialer = PeerDialer(peering: peering, authorities: node.authorities)
            try await dialer.connect(to: address, instanceKey: endpoint.instanceKey, group: desk.group)
            return nil
        } catch {
            node.logger.debug("dialling a contact: \(error)")
            return error
        }
    }

    /// Up to twice as long, so that two that dial each other do not do so at once again and again.
    private func rest(for pause: Duration) async {
        try? await node.time.sleep(for: pause * (1 + Double(node.random.number(below: 1024)) / 1024))
    }
}

/// Which endpoints somebody dials.
private final class Dialled: Sendable {
    private let endpoints = Mutex<Set<KnownEndpoint>>([])

    /// False: somebody does already.
    func insert(_ endpoint: KnownEndpoint) -> Bool { endpoints.withLock { $0.insert(endpoint).inserted } }

    func remove(_ endpoint: KnownEndpoint) { endpoints.withLock { _ = $0.remove(endpoint) } }
}
