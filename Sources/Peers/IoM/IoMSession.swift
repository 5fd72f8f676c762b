import Objects

/// A live connection to an own peer whose registration was verified.
///
/// Both directions run over it.
package final class IoMSession: Sendable {
    package let member: Member
    package let client: IoMClient
    package let transfers: TransferCounters
    private let connection: Connection
    private let calls: Calls

    init(connection: Connection, member: Member, transfers: TransferCounters) {
        (self.connection, self.member, self.transfers) = (connection, member, transfers)
        calls = Calls(connection: connection)
        client = IoMClient(calls: calls, peer: member.name, features: SharedFeatures(), transfers: transfers)
    }

    /// The instance key the other side has proven to hold.
    package var remoteKey: [UInt8] { connection.remoteKey }
    package var remoteAddress: String { connection.remoteAddress }
    /// Whether this side dialled.
    package var isInitiator: Bool { connection.isInitiator }
    /// Whether the other side dialled a relay.
    package var isRelayed: Bool { connection.isRelayed }
    package var byteCounts: ByteCounts { connection.byteCounts }
    package var byteMeter: ByteMeter { connection.byteMeter }
    /// Whether the other side takes bytes more slowly than they can be compressed.
    var isLinkSlow: Bool { connection.speed.isSlow }
    /// How long the last ping was under way; nil: none has been answered.
    package var roundTrip: Duration? { connection.roundTrip }
    /// Own requests that wait for answers.
    package var openCallCount: Int { calls.openCount }

    /// Ends the session at once: nothing more is answered or sent but the reason.
    package func disconnect(_ reason: String) { connection.close(reason) }

    /// Waits for the end; nil if the waiting task is cancelled first.
    package func ended() async -> PeerError? { await connection.ended() }

    /// Why it has ended; nil while it lives.
    package var endReason: PeerError? { connection.endReason }

    /// Serves the other side until the end, beside `body`, whose return ends the session.
    func run(
        _ incoming: inout IncomingMessages,
        service: any IoMService,
        body: @escaping @Sendable (IoMSession) async -> Void
    ) async throws(PeerError) {
        let server = IoMServer(service: service, session: self)
        connection.measureRoundTrip()
        let outcome = await withDiscardingTaskGroup { tasks -> Result<Void, PeerError> in
            tasks.addTask(executorPreference: globalConcurrentExecutor) { [self] in
                await body(self)
                connection.close(CloseReason.own)
            }
            defer { tasks.cancelAll() }
            do throws(PeerError) {
                while true {
                    let message = try await incoming.next()
                    if let call = try calls.receive(message) {
                        let serve = { @Sendable [calls] in await calls.serve(call, server) }
                        // What takes long keeps no other message waiting.
                        if server.isShort(call) {
                            tasks.addTask(operation: serve)
                        } else {
                            tasks.addTask(executorPreference: globalConcurrentExecutor, operation: serve)
                        }
                    }
                }
            } catch {
                connection.finish(error)
                calls.end(error)
                return .failure(error)
            }
        }
        try outcome.get()
    }
}
