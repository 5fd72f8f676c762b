import Glibc
import Logging
import Objects
import Peers
import ServiceLifecycle
import UnixSignals

/// A relay that runs in this process until it is told to stop; it needs no root.
package struct Relaying: Sendable {
    /// Most keys that can be named.
    private static let keysMax = 100_000

    private let configuration: WebSocketServer.Configuration
    package static let defaultConnectionsMax = RelayLimits().connections

    private var limits = RelayLimits()
    private let allowed: Set<[UInt8]>?

    /// `allowed` are keys in hex digits, `allowedText` the same one a line; nil and none: everybody may listen.
    package init(
        listen: String,
        hostNames: [String],
        certificateFile: String?,
        keyFile: String?,
        allowed: [String],
        allowedText: String?,
        connectionsMax: Int = defaultConnectionsMax
    ) throws {
        let listening = try Listening(words: listen)
        configuration = .init(
            host: listening.host,
            port: listening.port,
            hostNames: hostNames,
            certificate: try Self.certificate(certificateFile, keyFile)
        )
        guard (2...100_000).contains(connectionsMax) else {
            throw CommandError("the most connections can be 2 to 100,000")
        }
        limits.connections = connectionsMax
        self.allowed = try Self.keys(allowed, allowedText)
    }

    private static func certificate(_ file: String?, _ key: String?) throws -> ServerCertificate? {
        switch (file, key) {
        case (nil, nil): return nil
        case (let file?, let key?):
            do throws(PeerError) {
                return try ServerCertificate(certificateFile: file, keyFile: key)
            } catch {
                throw CommandError(error.reason)
            }
        default: throw CommandError("a certificate needs its key: give --tls-certificate and --tls-key")
        }
    }

    private static func keys(_ words: [String], _ text: String?) throws -> Set<[UInt8]>? {
        let lines = (text ?? "").split(whereSeparator: \.isNewline).map { line in
            line.prefix { $0 != "#" }.filter { !$0.isWhitespace }
        }
        let all = words + lines.filter { !$0.isEmpty }
        guard text != nil || !words.isEmpty else { return nil }
        guard all.count <= keysMax else { throw CommandError("more than \(keysMax) keys cannot be named") }
        return try Set(
            all.map { word in
                guard let key = Hex.bytes(word.lowercased()), key.count == 32 else {
                    throw CommandError("`\(word)` is no key: it is 64 hex digits, as `iom peers --json` shows")
                }
                return key
            }
        )
    }

    /// Serves; returns after SIGINT or SIGTERM.
    ///
    /// `started` is told the address when others can connect.
    package func run(started: @escaping @Sendable (String) -> Void) async throws {
        let settings = LogSettings(level: getenv("IOM_LOG").map { String(cString: $0) } ?? "info")
        let logger = Logger(label: "iom") { LineLogHandler(label: $0, settings: settings) }
        let server = RelayServer(
            configuration,
            limits: limits,
            allowed: allowed,
            time: SystemTime(),
            random: SystemRandom(),
            logger: logger
        )
        let (scheme, host) = (configuration.certificate == nil ? "ws" : "wss", configuration.host)
        let service = RelayService(server: server) { port in
            started(Endpoint(host: host, port: port, isSecure: scheme == "wss").description)
        }
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(
                        service: service,
                        successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup
                    )
                ],
                gracefulShutdownSignals: [.sigint, .sigterm],
                logger: logger
            )
        )
        try await group.run()
    }
}

private struct RelayService: Service {
    let server: RelayServer
    let bound: @Sendable (Int) -> Void

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            do throws(PeerError) {
                try await server.run { port in bound(port) }
            } catch {
                throw CommandError(error.reason)
            }
        }
    }
}
