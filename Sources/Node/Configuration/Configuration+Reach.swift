import Peers

extension Configuration {
    /// More relays than anybody needs.
    private static let relaysMax = 8

    /// What is said of relays and TLS.
    func checkReach() throws(ConfigurationError) {
        for relay in instance.relays ?? [] where Endpoint(url: relay) == nil {
            throw refusal(
                "instance.relays",
                "cannot have \"\(relay)\": it is an address such as wss://relay.example.org"
            )
        }
        if (instance.relays ?? []).count > Self.relaysMax {
            throw refusal("instance.relays", "has more than \(Self.relaysMax) addresses")
        }
        if (instance.tlsCertificate == nil) != (instance.tlsKey == nil) {
            let (one, other) = instance.tlsKey == nil ? ("tls_certificate", "tls_key") : ("tls_key", "tls_certificate")
            throw refusal("instance.\(one)", "needs `\(other)`: the certificate and the key it is for")
        }
        let files = [
            ("tls_certificate", instance.tlsCertificate), ("tls_key", instance.tlsKey),
            ("tls_authorities", instance.tlsAuthorities),
        ]
        for (key, path) in files {
            guard let path, !path.hasPrefix("/") else { continue }
            throw refusal("instance.\(key)", "cannot be \"\(path)\": it is the whole path of a PEM file")
        }
    }

    /// What `wss` is listened for with; nil: plain `ws`.
    func certificate() throws -> ServerCertificate? {
        guard let file = instance.tlsCertificate, let key = instance.tlsKey else { return nil }
        do throws(PeerError) {
            return try ServerCertificate(certificateFile: file, keyFile: key)
        } catch {
            throw CommandError(error.reason)
        }
    }
}
