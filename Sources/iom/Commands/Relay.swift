import ArgumentParser
import Foundation
import Node

struct Relay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring dials to instances that nobody can reach: they listen through this relay.",
        discussion: """
            Example:  iom relay --listen 0.0.0.0:8443 --host relay.example.org --tls-certificate chain.pem --tls-key key.pem
            An instance comes here with `relays = ["wss://relay.example.org:8443"]` in [instance] of its iom.toml.
            It sees who talks to whom (their keys), how much, and why connections end; all else is encrypted between them.
            """
    )

    @Option(help: "host:port to listen on.") var listen = "127.0.0.1:8767"
    @Option(help: "A name by which it is dialled, beside its addresses; may be given several times.") var host:
        [String] = []
    @Option(help: "PEM file of the certificate, with those between it and its authority.", completion: .file())
    var tlsCertificate: String?
    @Option(help: "PEM file of the key of the certificate.", completion: .file()) var tlsKey: String?
    @Option(help: "Key of an instance that may listen here; may be given several times (default: every instance).")
    var allow: [String] = []
    @Option(help: "File with such keys, one a line.", completion: .file()) var allowFile: String?
    @Option(help: "Most connections at once.") var maxConnections = Relaying.defaultConnectionsMax

    func run() async throws {
        let relaying = try Relaying(
            listen: listen,
            hostNames: host,
            certificateFile: tlsCertificate,
            keyFile: tlsKey,
            allowed: allow,
            allowedText: try allowFile.map { try String(contentsOfFile: $0, encoding: .utf8) },
            connectionsMax: maxConnections
        )
        try await relaying.run { address in Terminal.note("relaying at \(address)") }
    }
}
