import Objects

/// A live CHUM connection with a contact's instance; both sides give and take over it (one-protocol 4).
package final class ChumSession: Sendable {
    /// The reference drops what arrives together with the start word (one-protocol 4.1).
    private static let startPause = Duration.milliseconds(300)
    /// An answer that takes longer will not come.
    private static let answerTimeMax = Duration.seconds(60)

    package let peer: ChumPeer
    package let client: ChumClient
    package let transfers: TransferCounters
    private let connection: Connection
    private let calls: Calls

    package init(connection: Connection, peer: ChumPeer, transfers: TransferCounters) {
        (self.connection, self.peer, self.transfers) = (connection, peer, transfers)
        calls = Calls(connection: connection, isExtended: false)
        client = ChumClient(calls: calls, peer: peer.name, transfers: transfers)
    }

    package var localKey: [UInt8] { connection.localKey }
    package var remoteKey: [UInt8] { connection.remoteKey }
    package var remoteAddress: String { connection.remoteAddress }
    package var isInitiator: Bool { connection.isInitiator }
    /// Whether the other side dialled a relay.
    package var isRelayed: Bool { connection.isRelayed }
    package var byteCounts: ByteCounts { connection.byteCounts }
    package var byteMeter: ByteMeter { connection.byteMeter }
    /// How long the last ping was under way; nil: none has been answered.
    package var roundTrip: Duration? { connection.roundTrip }
    /// Own requests that wait for answers.
    package var openCallCount: Int { calls.openCount }

    /// Ends the session at once, telling the other side why.
    package func disconnect(_ reason: String) { connection.close(reason) }

    /// Ends the session because the other side broke the protocol.
    package func broke(_ reason: String) { connection.finish(.violated(reason)) }

    /// Waits for the end; nil if the waiting task is cancelled first.
    package func ended() async -> PeerError? { await connection.ended() }

    /// Why it has ended; nil while it lives.
    package var endReason: PeerError? { connection.endReason }

    /// Begins by the start word, then serves the other side until the end, beside `body`, whose return ends the session.
    package func run(
        _ incoming: inout IncomingMessages,
        exporter: Exporter,
        body: @escaping @Sendable (ChumSession) async -> Void
    ) async throws(PeerError) {
        incoming.admit(messageByteCount: ChumService.messageByteCountMax)
        try await connection.send(.text(ChumService.startWord))
        // What it says does not matter.
        _ = try await incoming.next()
        let server = ChumServer(exporter: exporter, peer: peer, transfers: transfers)
        exporter.begin(peer.personID)
        defer { exporter.end(peer.personID) }
        connection.measureRoundTrip()
        let outcome = await withDiscardingTaskGroup { tasks -> Result<Void, PeerError> in
            tasks.addTask(executorPreference: globalConcurrentExecutor) { [self] in
                try? await connection.timekeeper.sleep(for: Self.startPause)
                await body(self)
                connection.close(CloseReason.own)
            }
            tasks.addTask { [self] in await watch() }
            defer { tasks.cancelAll() }
            do throws(PeerError) {
                while true {
                    let message = try await incoming.next()
                    if let call = try await calls.receiveInTurn(message) {
                        tasks.addTask(executorPreference: globalConcurrentExecutor) { [calls] in
                            await calls.serve(call, server)
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

    /// Ends the session when the other side leaves a request without an answer.
    private func watch() async {
        while (try? await connection.timekeeper.sleep(for: Self.answerTimeMax / 4)) != nil {
            guard let oldest = calls.oldestWait(connection.timekeeper.elapsed), oldest > Self.answerTimeMax else {
                continue
            }
            connection.finish(.timedOut("a request was not answered for 60 seconds"))
            return
        }
    }
}
