package import Logging
package import Objects
import Synchronization

/// A relay (one-protocol 1.7): brings dials to instances that nobody can reach, over connections these keep open to it.
///
/// Sees both instance keys, how much goes through, and why it ends; what goes through is encrypted between the two.
package final class RelayServer: Sendable {
    private let server: WebSocketServer
    private let limits: RelayLimits
    private let allowed: Set<[UInt8]>?
    private let time: any Timekeeper
    private let random: any RandomSource
    private let logger: Logger
    private let serverKey: BoxKeyPair
    private let state: Mutex<State>

    private struct State {
        var table: RelayTable
        var spares: [Int: SpareConnection] = [:]
        var nextNumber = 0
    }

    /// `allowed` are the keys that may listen here; nil: any.
    package init(
        _ configuration: WebSocketServer.Configuration,
        limits: RelayLimits = RelayLimits(),
        allowed: Set<[UInt8]>? = nil,
        time: any Timekeeper,
        random: any RandomSource,
        logger: Logger
    ) {
        var configuration = configuration
        (configuration.limits, configuration.writeTimeout) = (limits.frames, limits.writeTimeout)
        server = WebSocketServer(configuration: configuration)
        (self.limits, self.allowed) = (limits, allowed)
        (self.time, self.random, self.logger) = (time, random, logger)
        serverKey = BoxKeyPair(random: random)
        state = Mutex(State(table: RelayTable(limits: limits)))
    }

    /// Serves until the task is cancelled, then closes all connections.
    ///
    /// `onBound` is told the port.
    package func run(onBound: @Sendable (Int) async -> Void = { _ in }) async throws(PeerError) {
        try await server.run(onBound: onBound) { transport, onSettled in
            await self.serve(transport, onSettled: onSettled)
        }
    }

    /// Connections there are, and those of them that wait for a dial.
    package var counts: (connections: Int, spares: Int) {
        state.withLock { ($0.table.connectionCount, $0.table.spareCount) }
    }

    /// One connection from its beginning to its end; `onSettled` is called when it is no stranger's any more.
    func serve(_ transport: any Transport, onSettled: @escaping @Sendable () -> Void) async {
        let whole = transport.remoteAddress
        let address = String(whole[..<(whole.lastIndex(of: ":") ?? whole.endIndex)])
        do throws(PeerError) {
            try state.withLock { state throws(PeerError) in try state.table.connect(address) }
        } catch {
            transport.close(CloseReason.sent(error))
            return
        }
        defer { state.withLock { $0.table.disconnect(address) } }
        let settling = Authentication(onSuccess: onSettled)
        let error = await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { tasks -> PeerError? in
                tasks.addTask { [limits, time] in
                    guard (try? await time.sleep(for: limits.handshakeTime)) != nil, !settling.isDone else { return }
                    transport.close(CloseReason.sent("the handshake took too long"))
                }
                defer { tasks.cancelAll() }
                do throws(PeerError) {
                    try await converse(transport, address, settling)
                    return nil
                } catch {
                    return error
                }
            }
        } onCancel: {
            transport.close(CloseReason.sent(CloseReason.shuttingDown))
        }
        transport.close(error.map { CloseReason.sent($0) } ?? CloseReason.sent(CloseReason.own))
        let reason = error?.reason ?? "closed"
        logger.debug("connection ended", metadata: ["address": "\(transport.remoteAddress)", "reason": "\(reason)"])
    }

    private func converse(
        _ transport: any Transport,
        _ address: String,
        _ settling: Authentication
    ) async throws(PeerError) {
        var admission = RelayAdmission(serverKey: serverKey, pingInterval: limits.pingInterval, allowed: allowed)
        var messages = transport.messages()
        while let message = try await next(&messages) {
            switch try admission.receive(message, random: random) {
            case .reply(let reply): try await send(reply, to: transport)
            case .listener(let key, let greeting):
                return try await listen(transport, &messages, address, key, greeting, settling)
            case .dialler(let target):
                return try await dial(transport, &messages, target, first: message, settling)
            }
        }
    }
}

extension RelayServer {
    /// The connection of a listener: waits, and then is the far end of a pipe.
    private func listen(
        _ transport: any Transport,
        _ messages: inout any AsyncIteratorProtocol<WireMessage, any Error>,
        _ address: String,
        _ key: [UInt8],
        _ greeting: WireMessage,
        _ settling: Authentication
    ) async throws(PeerError) {
        let spare = SpareConnection(transport, time)
        let number = try add(spare, key: key, address: address)
        defer { remove(number) }
        let error = await withTaskGroup(of: Void.self) { tasks -> PeerError? in
            defer { tasks.cancelAll() }
            do throws(PeerError) {
                try await send(greeting, to: transport)
                spare.greeted()
                settling.succeed()
                tasks.addTask { [limits] in try? await spare.ping(limits) }
                while let message = try await next(&messages) {
                    if let dialler = spare.dialler {
                        spare.note()
                        try await send(message, to: dialler)
                    } else {
                        try spare.receive(message)
                    }
                }
                return nil
            } catch {
                return error
            }
        }
        spare.dialler?.close(CloseReason.sent(error ?? .closed(PeerError.lost)))
        spare.leave()
        if let error { throw error }
    }

    /// The connection of a dialler: the near end of a pipe to a listener.
    private func dial(
        _ transport: any Transport,
        _ messages: inout any AsyncIteratorProtocol<WireMessage, any Error>,
        _ target: [UInt8],
        first: WireMessage,
        _ settling: Authentication
    ) async throws(PeerError) {
        let spare = try await handOver(transport, to: target)
        settling.succeed()
        let names: Logger.Metadata = [
            "address": "\(transport.remoteAddress)", "target": "\(Hex.text(target.prefix(4)))",
        ]
        logger.info("a dial is passed on", metadata: names)
        let error = await withTaskGroup(of: Void.self) { tasks -> PeerError? in
            tasks.addTask { [limits] in
                guard (try? await spare.idle(for: limits.idleTime)) != nil else { return }
                for end in [spare.transport, transport] { end.close(CloseReason.sent("nothing was said for too long")) }
            }
            defer { tasks.cancelAll() }
            do throws(PeerError) {
                try await send(first, to: spare.transport)
                while let message = try await next(&messages) {
                    spare.note()
                    try await send(message, to: spare.transport)
                }
                return nil
            } catch {
                return error
            }
        }
        let (there, back) = (transport.byteCounts.received, transport.byteCounts.sent)
        let reason = error?.reason ?? "closed by the other side"
        logger.info(
            "a dial has ended",
            metadata: names.merging(["there": "\(there)", "back": "\(back)", "reason": "\(reason)"]) { $1 }
        )
        spare.transport.close(CloseReason.sent(error ?? .closed(PeerError.lost)))
        if let error { throw error }
    }

    private func handOver(_ transport: any Transport, to target: [UInt8]) async throws(PeerError) -> SpareConnection {
        while let spare = state.withLock({ state in
            state.table.take(target).flatMap { state.spares.removeValue(forKey: $0) }
        }) {
            if await spare.handOver(transport) { return spare }
        }
        throw .refused(RelayCommand.nobodyListens)
    }

    private func add(_ spare: SpareConnection, key: [UInt8], address: String) throws(PeerError) -> Int {
        let (number, dropped) = try state.withLock { state throws(PeerError) in
            let number = state.nextNumber
            let dropped = try state.table.add(number, key: key, address: address)
            state.nextNumber += 1
            state.spares[number] = spare
            return (number, dropped.flatMap { state.spares.removeValue(forKey: $0) })
        }
        dropped?.transport.close(CloseReason.sent("a newer connection took its place"))
        logger.info(
            "a listener has come",
            metadata: ["address": "\(spare.transport.remoteAddress)", "key": "\(Hex.text(key.prefix(4)))"]
        )
        return number
    }

    private func remove(_ number: Int) {
        state.withLock { state in
            state.table.remove(number)
            state.spares[number] = nil
        }
    }

    private func send(_ message: WireMessage, to transport: any Transport) async throws(PeerError) {
        do { try await transport.send(message) } catch { throw PeerError(error) }
    }

    /// nil: this side has closed.
    private func next(
        _ messages: inout any AsyncIteratorProtocol<WireMessage, any Error>
    ) async throws(PeerError) -> WireMessage? {
        do { return try await messages.next(isolation: #isolation) } catch { throw PeerError(error) }
    }
}
