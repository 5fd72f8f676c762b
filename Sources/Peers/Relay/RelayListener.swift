package import Logging
import Objects
import Synchronization

/// Listens through a relay: keeps spare connections to it, each of which brings one peer (one-protocol 1.7).
package struct RelayListener: Sendable {
    static let sparesMax = 2
    /// Peers that have been handed over and not yet proven who they are: beyond this no spare is opened.
    static let strangersMax = 16
    static let errorPause = Duration.seconds(10)

    /// How it goes with a relay.
    package struct Standing: Hashable, Sendable {
        /// Connections that wait for a dial.
        package var spareCount = 0
        /// Why the last one ended; nil while all is well.
        package var lastError: String?

        package init() {}
    }

    private let endpoint: Endpoint
    private let peering: Peering
    private let dialer: WebSocketDialer
    private let groups: [any ConnectionGroup]
    private let logger: Logger

    package init(
        _ endpoint: Endpoint,
        peering: Peering,
        authorities: TrustedAuthorities = .system,
        groups: [any ConnectionGroup],
        logger: Logger
    ) {
        (self.endpoint, self.peering, self.groups, self.logger) = (endpoint, peering, groups, logger)
        dialer = WebSocketDialer(authorities: authorities)
    }

    /// Listens until the task is cancelled, then closes all connections; `onStanding` is told whatever changes.
    package func run(onStanding: @escaping @Sendable (Standing) -> Void = { _ in }) async {
        let places = Places(onStanding)
        await withDiscardingTaskGroup { tasks in
            repeat {
                while places.take() {
                    tasks.addTask { await keep(places) }
                }
            } while await places.wait()
            tasks.cancelAll()
        }
    }

    /// One connection to the relay, from being a spare to the end of the peer it brings.
    private func keep(_ places: Places) async {
        let place = Place(places)
        do throws(PeerError) {
            try await dialer.run(endpoint) { transport in
                let messages = try await waitForDial(transport, place)
                try await peering.accept(transport, messages: messages, groups: groups, onAuthenticated: place.settle)
            }
            place.leave()
        } catch {
            logger.debug("relayed connection ended", metadata: ["relay": "\(endpoint)", "reason": "\(error.reason)"])
            if place.isSpare, error != .cancelled {
                place.failed(error.reason)
                try? await peering.timekeeper.sleep(for: Self.errorPause)
            }
            place.leave()
        }
    }

    /// Registers and answers pings until somebody dials; gives the messages that come after.
    private func waitForDial(
        _ transport: any Transport,
        _ place: Place
    ) async throws(PeerError) -> any AsyncIteratorProtocol<WireMessage, any Error> {
        var registration = RelayRegistration(identity: peering.identity)
        var messages = transport.messages()
        let silence = Silence(peering.timekeeper, max: registration.silenceMax)
        let error = await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { tasks -> PeerError? in
                tasks.addTask {
                    guard (try? await silence.tooLong()) != nil else { return }
                    transport.close(CloseReason.sent(Self.silent.reason))
                }
                defer { tasks.cancelAll() }
                do {
                    try await transport.send(registration.start())
                    while let message = try await messages.next(isolation: #isolation) {
                        let step = try registration.receive(message, random: peering.random)
                        silence.broken(max: registration.silenceMax)
                        switch step {
                        case .reply(let reply): try await transport.send(reply)
                        case .registered: place.registered()
                        case .handedOver:
                            place.use()
                            return nil
                        }
                    }
                    return Task.isCancelled ? .cancelled : Self.silent
                } catch {
                    return PeerError(error)
                }
            }
        } onCancel: {
            transport.close(CloseReason.sent(CloseReason.shuttingDown))
        }
        guard let error else { return messages }
        transport.close(CloseReason.sent(error))
        throw error
    }

    private static let silent = PeerError.timedOut("the relay has not said anything for too long")
}

/// How long nothing has come.
private final class Silence: Sendable {
    private let time: any Timekeeper
    private let deadline: Mutex<Duration>

    init(_ time: any Timekeeper, max: Duration) {
        self.time = time
        deadline = Mutex(time.elapsed + max)
    }

    func broken(max: Duration) { deadline.withLock { $0 = time.elapsed + max } }

    /// Returns when it has lasted too long; throws when cancelled.
    func tooLong() async throws {
        while case let rest = deadline.withLock({ $0 }) - time.elapsed, rest > .zero {
            try await time.sleep(for: rest)
        }
    }
}
