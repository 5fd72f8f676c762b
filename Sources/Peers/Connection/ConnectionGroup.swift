/// What a connection is for (one-protocol 2.3): runs everything after the handshake.
///
/// `run` calls `Connection.authenticated` when it knows who the other side is, returns or throws when the connection
/// is over, and answers nothing to whoever it does not know.
package protocol ConnectionGroup: Sendable {
    /// The name in `connection_group`.
    var name: String { get }
    func run(_ connection: Connection, _ incoming: inout IncomingMessages) async throws(PeerError)
}
