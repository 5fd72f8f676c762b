import NIOSSL

/// What a listener shows for `wss`: its certificates, and the key they are for.
package struct ServerCertificate: Sendable {
    let context: NIOSSLContext

    /// Reads PEM files: the certificate, followed by those between it and its authority, and the private key.
    package init(certificateFile: String, keyFile: String) throws(PeerError) {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(certificateFile).map(NIOSSLCertificateSource.certificate)
            guard !chain.isEmpty else { throw PeerError.refused("\(certificateFile) has no certificate") }
            let key = try NIOSSLPrivateKey(file: keyFile, format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain,
                privateKey: .privateKey(key)
            )
            configuration.minimumTLSVersion = .tlsv13
            context = try NIOSSLContext(configuration: configuration)
        } catch let error as PeerError {
            throw error
        } catch {
            throw .refused(
                "\(certificateFile) and \(keyFile) are no certificate with its key that can be read (PEM): \(error)"
                    .printable()
            )
        }
    }
}
