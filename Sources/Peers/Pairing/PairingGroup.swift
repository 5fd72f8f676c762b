import Objects

/// The connection group `pairing` (one-protocol 3): two people get to know each other by an invitation.
package struct PairingGroup: ConnectionGroup {
    package static let groupName = "pairing"
    /// How long the other side may take to store the pairing, or to go.
    static let settlingTimeMax = Duration.seconds(5)

    private let identification: PersonIdentification
    private let handler: any PairingHandler
    /// Of the invitation, on the side that was invited.
    private let token: String?
    private let afterwards: (any PairedSession)?

    /// `token`: on the side that was invited.
    ///
    /// `afterwards` goes on over the connection on the side that invites; without it the connection ends.
    package init(
        identification: PersonIdentification,
        handler: any PairingHandler,
        token: String? = nil,
        afterwards: (any PairedSession)? = nil
    ) {
        (self.identification, self.handler, self.token) = (identification, handler, token)
        self.afterwards = afterwards
    }

    package var name: String { Self.groupName }

    package func run(_ connection: Connection, _ incoming: inout IncomingMessages) async throws(PeerError) {
        let proven = try await meet(connection, &incoming)
        guard token == nil else { return }
        if let afterwards { return try await afterwards.run(connection, &incoming, with: proven) }
        try await connection.send(PairingExchange.word)
        // It closes, and connects again for the rest.
        _ = await nextWord(connection, &incoming)
    }

    /// Everything until the contact is stored; what goes wrong is told.
    private func meet(
        _ connection: Connection,
        _ incoming: inout IncomingMessages
    ) async throws(PeerError) -> ProvenPeer {
        var peer: ProvenPeer?
        do throws(PeerError) {
            // Nobody learns who lives here while nobody is invited.
            if token == nil { try handler.requireOpenInvitation() }
            let proven = try await identification.identify(connection, &incoming, strangers: true)
            peer = proven
            let paired = try await exchange(with: proven, connection, &incoming)
            connection.authenticated()
            // It is for the side that invites to store it first: what it cannot keep must not be kept here alone.
            if token != nil, let error = await nextWord(connection, &incoming) { throw error }
            try await complete(paired)
            return proven
        } catch {
            handler.failed(peer, error)
            throw error
        }
    }

    private func exchange(
        with peer: ProvenPeer,
        _ connection: Connection,
        _ incoming: inout IncomingMessages
    ) async throws(PeerError) -> PairedPeer {
        var exchange = try PairingExchange(own: handler.identity, peer: peer, token: token)
        for message in exchange.start() { try await connection.send(message) }
        while true {
            let step = try exchange.receive(try await incoming.next()) { token throws(PeerError) in
                try handler.claim(token, by: peer)
            }
            for message in step.messages { try await connection.send(message) }
            if let paired = step.paired { return paired }
        }
    }

    /// Stores it away from the loop that other connections share: a disk takes its time.
    private func complete(_ paired: PairedPeer) async throws(PeerError) {
        let outcome = await withTaskGroup(of: Result<Void, PeerError>.self) { [handler] tasks in
            tasks.addTask(executorPreference: globalConcurrentExecutor) {
                do throws(PeerError) {
                    return .success(try handler.complete(paired))
                } catch {
                    return .failure(error)
                }
            }
            return await tasks.next() ?? .failure(.cancelled)
        }
        try outcome.get()
    }

    /// Waits for any message, the end of the connection, or the end of the time; the error if the other side objects.
    private func nextWord(_ connection: Connection, _ incoming: inout IncomingMessages) async -> PeerError? {
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                guard (try? await connection.timekeeper.sleep(for: Self.settlingTimeMax)) != nil else { return }
                // Some say nothing at all when they have stored it.
                connection.close(CloseReason.own)
            }
            defer { tasks.cancelAll() }
            do throws(PeerError) {
                _ = try await incoming.next()
                return nil
            } catch {
                guard !connection.isClosedHere, case .closed(let reason) = error else { return nil }
                return CloseReason.isPlain(reason) ? nil : error
            }
        }
    }
}

/// What goes on over a connection that was for pairing: it begins by saying `synchronisation`.
package protocol PairedSession: Sendable {
    func run(
        _ connection: Connection,
        _ incoming: inout IncomingMessages,
        with proven: ProvenPeer
    ) async throws(PeerError)
}

/// A node's part in pairing.
package protocol PairingHandler: Sendable {
    /// What this side says of itself.
    var identity: PairingIdentity { get }
    /// Throws `PeerError.refused` while nobody is invited.
    func requireOpenInvitation() throws(PeerError)
    /// Uses up the token that somebody brought. Throws `PeerError.refused` if it is not one of ours, was used, or is too
    /// old.
    func claim(_ token: String, by peer: ProvenPeer) throws(PeerError)
    /// Stores the contact. Throws `PeerError.refused` if that cannot be done.
    func complete(_ peer: PairedPeer) throws(PeerError)
    /// The pairing came to nothing; `peer` is known if it had proven itself.
    func failed(_ peer: ProvenPeer?, _ error: PeerError)
}

extension PeerDialer {
    /// Pairs with whoever made an invitation; returns when the contact is stored.
    package func pair(
        by invitation: Invitation,
        identification: PersonIdentification,
        handler: any PairingHandler
    ) async throws(PeerError) {
        guard let endpoint = Endpoint(url: invitation.url) else { throw .refused("an invitation without an address") }
        let group = PairingGroup(identification: identification, handler: handler, token: invitation.token)
        try await connect(to: endpoint, instanceKey: invitation.publicKey, group: group)
    }
}
