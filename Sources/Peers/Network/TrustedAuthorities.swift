import NIOCore
import NIOSSL
import Synchronization

/// Who may vouch for the name of a `wss` server that is dialled: the system's authorities, and those of a file.
package final class TrustedAuthorities: Sendable {
    package static let system = TrustedAuthorities(file: nil)

    /// PEM; nil: only the system's.
    private let file: String?
    /// Made at the first use: reading all of them takes a while.
    private let context = Mutex<NIOSSLContext?>(nil)

    package init(file: String?) { self.file = file }

    /// Puts TLS at the front of a channel that is dialled; on its event loop.
    func secure(_ channel: any Channel, to endpoint: Endpoint) throws {
        let context = try made()
        // An address is no name to send; the certificate then has to be for the address.
        let isAddress = (try? SocketAddress(ipAddress: endpoint.host, port: 0)) != nil
        let handler = try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : endpoint.host)
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    /// Reads the authorities, so that a file that cannot be read is told before anybody is dialled.
    package func load() throws(PeerError) {
        do { _ = try made() } catch {
            throw .refused("the certificate authorities in \(file ?? "the system's store") cannot be read".printable())
        }
    }

    private func made() throws -> NIOSSLContext {
        try context.withLock { context in
            if let context { return context }
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.minimumTLSVersion = .tlsv12
            if let file { configuration.additionalTrustRoots = [.file(file)] }
            let made = try NIOSSLContext(configuration: configuration)
            context = made
            return made
        }
    }
}

extension PeerError {
    /// What an error of TLS means; nil for any other.
    static func untrusted(_ error: any Error, _ endpoint: Endpoint) -> PeerError? {
        switch error {
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            .refused("\(endpoint) has no certificate that this device trusts, or speaks no TLS".printable())
        default: nil
        }
    }
}
