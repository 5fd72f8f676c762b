import Objects

/// The connection group `chum` (one-protocol 2.6, 4): a contact proves who it is, then both sides give and take.
package struct ChumGroup: ConnectionGroup {
    package static let groupName = "chum"

    private let identification: PersonIdentification
    private let host: any ChumHost

    package init(identification: PersonIdentification, host: any ChumHost) {
        (self.identification, self.host) = (identification, host)
    }

    package var name: String { Self.groupName }

    package func run(_ connection: Connection, _ incoming: inout IncomingMessages) async throws(PeerError) {
        let proven: ProvenPeer
        do throws(PeerError) {
            proven = try await identification.identify(connection, &incoming, strangers: false)
        } catch {
            host.failed(connection.remoteKey, error)
            throw error
        }
        connection.authenticated()
        try await host.run(connection, &incoming, with: proven)
    }
}

/// What a node has for CHUM with whoever has proven to be a contact.
package protocol ChumHost: Sendable {
    var exporter: Exporter { get }
    /// What a contact is called, and where it is counted what goes there and comes from there.
    ///
    /// Throws `PeerError.refused` if it is none.
    func admit(_ proven: ProvenPeer) throws(PeerError) -> (peer: ChumPeer, transfers: TransferCounters)
    /// Whoever has this instance key could not prove to be a contact.
    func failed(_ instanceKey: [UInt8], _ error: PeerError)
    /// Runs beside a session, whose end cancels it; when it returns the session ends.
    func accompany(_ session: ChumSession) async
}

extension ChumHost {
    package func failed(_ instanceKey: [UInt8], _ error: PeerError) {}

    /// CHUM over a connection whose other side has proven itself, also over one that was for pairing.
    package func run(
        _ connection: Connection,
        _ incoming: inout IncomingMessages,
        with proven: ProvenPeer
    ) async throws(PeerError) {
        let (peer, transfers) = try admit(proven)
        let session = ChumSession(connection: connection, peer: peer, transfers: transfers)
        try await session.run(&incoming, exporter: exporter) { await accompany($0) }
    }
}
