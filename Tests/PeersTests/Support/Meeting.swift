import Logging
import Objects
import Synchronization
import Testing

@testable import Peers

/// How two instances are brought together.
enum Medium: String, CaseIterable, CustomTestStringConvertible {
    case memory
    case loopback

    var testDescription: String { rawValue }
}

/// Lets the first one dial the second; runs `body` with the session of the first beside the session of the second.
///
/// Throws what ended the dialled connection, if this was not its own side.
func meet<Result: Sendable>(
    _ dialler: TestInstance,
    _ acceptor: TestInstance,
    over medium: Medium,
    tampering: MemoryTransport.Tampering? = nil,
    body: @escaping @Sendable (IoMSession) async throws -> Result
) async throws -> Result {
    let outcome = OneShot<Swift.Result<Result, any Error>>()
    let group = dialler.group { session in
        do { outcome.fulfil(.success(try await body(session))) } catch { outcome.fulfil(.failure(error)) }
    }
    try await dial(dialler, acceptor, over: medium, group: group, tampering: tampering)
    return try #require(outcome.current).get()
}

/// Lets one side dial the other with this group; returns or throws what `PeerDialer` does.
func dial(
    _ dialler: TestInstance,
    _ acceptor: TestInstance,
    over medium: Medium,
    group: any ConnectionGroup,
    key: [UInt8]? = nil,
    tampering: MemoryTransport.Tampering? = nil
) async throws {
    let key = key ?? acceptor.boxKey.publicKey
    switch medium {
    case .memory:
        let (near, far) = MemoryTransport.pair(tampering: tampering)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try? await acceptor.peering().accept(far, groups: [acceptor.waiting]) }
            try await dialler.peering().dial(near, target: key, group: group)
        }
    case .loopback:
        try await listening(acceptor, groups: [acceptor.waiting]) { port in
            try await PeerDialer(peering: dialler.peering()).connect(
                to: Endpoint(host: "127.0.0.1", port: port),
                instanceKey: key,
                group: group
            )
        }
    }
}

/// Runs a listener of this instance beside the body.
func listening<Result: Sendable>(
    _ instance: TestInstance,
    groups: [any ConnectionGroup]? = nil,
    writeTimeout: Duration = WebSocketLimits.writeTimeout,
    body: (Int) async throws -> Result
) async throws -> Result {
    let bound = OneShot<Int?>()
    var configuration = PeerListener.Configuration(host: "127.0.0.1", port: 0)
    configuration.writeTimeout = writeTimeout
    let listener = PeerListener(
        configuration,
        peering: instance.peering(),
        groups: groups ?? [instance.waiting],
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask {
            defer { bound.fulfil(nil) }
            try await listener.run { port in bound.fulfil(port) }
        }
        defer { tasks.cancelAll() }
        let port = try #require(await bound.value() ?? nil)
        return try await body(port)
    }
}
