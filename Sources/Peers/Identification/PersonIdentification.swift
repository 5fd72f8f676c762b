import Objects

/// Identification over a connection (one-protocol 2.4, 2.5): after `sync`, each side proves its person to the other.
///
/// The connection's limit for strangers is the limit of its time.
package struct PersonIdentification: Sendable {
    private let own: OwnPerson
    private let acquaintances: any Acquaintances

    package init(as own: OwnPerson, acquaintances: any Acquaintances) {
        (self.own, self.acquaintances) = (own, acquaintances)
    }

    /// Who the other side is.
    ///
    /// `strangers`: whether an instance key that no contact is known to use may go on. If not, nothing is shown to it.
    package func identify(
        _ connection: Connection,
        _ incoming: inout IncomingMessages,
        strangers: Bool
    ) async throws(PeerError) -> ProvenPeer {
        var exchange = IdentificationExchange(
            own: own,
            isInitiator: connection.isInitiator,
            remoteKey: connection.remoteKey,
            acquaintances: acquaintances
        )
        await lookUp(connection.remoteKey)
        if !strangers { try exchange.requireKnownInstance() }
        for message in exchange.start() { try await connection.send(message) }
        while true {
            let step = try exchange.receive(try await incoming.next(), random: connection.random)
            for message in step.messages { try await connection.send(message) }
            if let peer = step.peer { return peer }
        }
    }

    /// Has the contacts read away from the loop that other connections share; afterwards they are at hand.
    private func lookUp(_ key: [UInt8]) async {
        await withTaskGroup(of: Void.self) { [acquaintances] tasks in
            tasks.addTask(executorPreference: globalConcurrentExecutor) {
                _ = try? acquaintances.endpoints(ofInstanceKey: key)
            }
        }
    }
}
