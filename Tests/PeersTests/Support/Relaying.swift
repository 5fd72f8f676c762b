import Logging
import Objects
import Testing

@testable import Peers

let silentLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Runs a relay beside the body.
func relaying<Result: Sendable>(
    _ limits: RelayLimits = RelayLimits(),
    allowed: Set<[UInt8]>? = nil,
    port: Int = 0,
    certificate: ServerCertificate? = nil,
    body: (Int, RelayServer) async throws -> Result
) async throws -> Result {
    let bound = OneShot<Int?>()
    let relay = RelayServer(
        .init(host: "127.0.0.1", port: port, certificate: certificate),
        limits: limits,
        allowed: allowed,
        time: SystemTime(),
        random: SystemRandom(),
        logger: silentLogger
    )
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask {
            defer { bound.fulfil(nil) }
            try await relay.run { port in bound.fulfil(port) }
        }
        defer { tasks.cancelAll() }
        let port = try #require(await bound.value() ?? nil)
        return try await body(port, relay)
    }
}

/// Lets an instance listen through a relay beside the body, which begins when its spare connections are there.
func listening<Result: Sendable>(
    _ instance: TestInstance,
    through endpoint: Endpoint,
    authorities: TrustedAuthorities = .system,
    groups: [any ConnectionGroup]? = nil,
    body: (AsyncStream<RelayListener.Standing>) async throws -> Result
) async throws -> Result {
    let listener = RelayListener(
        endpoint,
        peering: instance.peering(),
        authorities: authorities,
        groups: groups ?? [instance.waiting],
        logger: silentLogger
    )
    let (standings, standing) = AsyncStream.makeStream(of: RelayListener.Standing.self)
    let ready = OneShot<Void>()
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask {
            await listener.run { now in
                if now.spareCount == RelayListener.sparesMax { ready.fulfil(()) }
                standing.yield(now)
            }
            standing.finish()
        }
        defer { tasks.cancelAll() }
        try #require(await ready.value() != nil)
        return try await body(standings)
    }
}

/// A WebSocket to a relay that says what a test wants.
struct RawClient {
    let transport: WebSocketTransport
    private var messages: any AsyncIteratorProtocol<WireMessage, any Error>

    private init(_ transport: WebSocketTransport) {
        self.transport = transport
        messages = transport.messages()
    }

    static func with(_ port: Int, body: (inout RawClient) async throws -> Void) async throws {
        try await WebSocketDialer(authorities: .system).run(Endpoint(host: "127.0.0.1", port: port)) { transport in
            var client = RawClient(transport)
            try await body(&client)
        }
    }

    func send(_ command: RelayCommand) async throws { try await transport.send(command.message) }

    /// The next message; throws the reason of the end.
    mutating func next() async throws -> WireMessage {
        try #require(try await messages.next(isolation: #isolation))
    }

    mutating func command() async throws -> RelayCommand { try RelayCommand(try await next()) }

    /// Why the other side closed; whatever comes before is thrown away.
    mutating func end() async -> PeerError? {
        do {
            while try await messages.next(isolation: #isolation) != nil {}
            return nil
        } catch {
            return error as? PeerError
        }
    }

    /// Registers, up to and with the success.
    mutating func register(_ keys: BoxKeyPair) async throws {
        var registration = RelayRegistration(identity: keys)
        try await transport.send(registration.start())
        while true {
            switch try registration.receive(try await next(), random: SystemRandom()) {
            case .reply(let reply): try await transport.send(reply)
            case .registered: return
            case .handedOver: Issue.record("handed over before anybody dialled")
            }
        }
    }
}

extension Endpoint {
    static func loopback(_ port: Int) -> Endpoint { Endpoint(host: "127.0.0.1", port: port) }
}
