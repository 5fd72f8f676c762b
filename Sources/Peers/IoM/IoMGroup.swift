import Objects

/// The connection group `iom` (design 6): own peers prove their membership, then call each other's services.
package struct IoMGroup: ConnectionGroup {
    package static let groupName = "iom"

    private let membership: any Membership
    private let joins: (any JoinHandler)?
    private let service: any IoMService
    private let body: @Sendable (IoMSession) async -> Void

    /// `joins` is for custodians.
    ///
    /// `body` runs beside each session and is cancelled when it ends; if it returns earlier, the session ends.
    package init(
        membership: any Membership,
        joins: (any JoinHandler)? = nil,
        service: any IoMService,
        body: @escaping @Sendable (IoMSession) async -> Void
    ) {
        (self.membership, self.joins, self.service, self.body) = (membership, joins, service, body)
    }

    package var name: String { Self.groupName }

    package func run(_ connection: Connection, _ incoming: inout IncomingMessages) async throws(PeerError) {
        // The side that was dialled shows nothing before it knows who dialled.
        let own = ProofMessage.message(membership.ownProof())
        if connection.isInitiator { try await connection.send(own) }
        let first = try await incoming.next()
        if !connection.isInitiator, let request = JoinRequest(first) {
            return try await join(request, connection, &incoming)
        }
        let member = try admit(first, connection)
        connection.authenticated()
        if !connection.isInitiator { try await connection.send(own) }
        let session = IoMSession(
            connection: connection,
            member: member,
            transfers: service.transfers(with: member)
        )
        try await session.run(&incoming, service: service, body: body)
    }

    private func admit(_ message: WireMessage, _ connection: Connection) throws(PeerError) -> Member {
        let member = try membership.admit(try ProofMessage.proof(message), provenKey: connection.remoteKey)
        // The membership checks this too; without it a member's registration would admit anybody.
        guard member.registration.publicKey == connection.remoteKey else {
            throw .refused("not a member: another instance's registration")
        }
        return member
    }

    private func join(
        _ request: JoinRequest,
        _ connection: Connection,
        _ incoming: inout IncomingMessages
    ) async throws(PeerError) {
        guard let joins else { throw .refused("no invitations here") }
        guard request.publicKey == connection.remoteKey else { throw .refused("another key than the one proven") }
        try joins.claim(request)
        connection.authenticated()
        let words = ConfirmationWords(custodianKey: connection.localKey, joining: request)
        let outcome = await withTaskGroup(of: Void.self) { tasks -> Result<Void, PeerError> in
            tasks.addTask(executorPreference: globalConcurrentExecutor) {
                do throws(PeerError) {
                    let reply = try await joins.complete(request, words: words)
                    try await connection.send(reply.message)
                } catch {
                    connection.finish(error)
                }
            }
            defer { tasks.cancelAll() }
            // Reading on notices when the newcomer goes; it has nothing more to say, and closes when it has the answer.
            do throws(PeerError) {
                _ = try await incoming.next()
                return .failure(.violated("a message after join"))
            } catch {
                return .failure(error)
            }
        }
        try outcome.get()
    }
}
