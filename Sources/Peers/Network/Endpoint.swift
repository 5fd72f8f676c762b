/// Where to dial: a `ws://` or `wss://host[:port][/path]` URL, taken apart.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    package var host: String
    package var port: Int
    package var path: String
    /// `wss`: WebSocket in TLS.
    ///
    /// The connection inside is encrypted whatever carries it; TLS hides its close reasons and both keys, too.
    package var isSecure: Bool

    package init(host: String, port: Int, path: String = "/", isSecure: Bool = false) {
        (self.host, self.port, self.path, self.isSecure) = (host, port, path, isSecure)
    }

    /// nil if it is no such URL.
    package init?(url: String) {
        let schemes = [("ws://", false, 80), ("wss://", true, 443)]
        guard let (scheme, isSecure, defaultPort) = schemes.first(where: { url.lowercased().hasPrefix($0.0) }),
            url.utf8.allSatisfy({ 33...126 ~= $0 })
        else { return nil }
        let rest = url.dropFirst(scheme.count)
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        let authority = rest[..<end]
        guard let name = UpgradeCheck.hostName(String(authority)) else { return nil }
        var port = defaultPort
        let afterHost = authority.lastIndex(of: "]").map { authority[authority.index(after: $0)...] } ?? authority
        if let colon = afterHost.lastIndex(of: ":") {
            guard let number = UInt16(afterHost[afterHost.index(after: colon)...]), number > 0 else { return nil }
            port = Int(number)
        }
        let path = rest[end...].prefix { $0 != "#" }
        self.init(host: name, port: port, path: path.first == "/" ? String(path) : "/" + path, isSecure: isSecure)
    }

    /// `host:port`, an IPv6 address in brackets.
    package var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    package var description: String { "\(isSecure ? "wss" : "ws")://\(authority)\(path)" }
}
