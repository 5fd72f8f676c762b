/// Where to dial: a `ws://host[:port][/path]` URL, taken apart.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    package static let defaultPort = 80

    package var host: String
    package var port: Int
    package var path: String

    package init(host: String, port: Int, path: String = "/") {
        (self.host, self.port, self.path) = (host, port, path)
    }

    /// nil if it is no such URL. `wss` is not spoken: the connection is encrypted whatever carries it.
    package init?(url: String) {
        let scheme = "ws://"
        guard url.lowercased().hasPrefix(scheme), url.utf8.allSatisfy({ 33...126 ~= $0 }) else { return nil }
        let rest = url.dropFirst(scheme.count)
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        let authority = rest[..<end]
        guard let name = UpgradeCheck.hostName(String(authority)) else { return nil }
        var port = Self.defaultPort
        let afterHost = authority.lastIndex(of: "]").map { authority[authority.index(after: $0)...] } ?? authority
        if let colon = afterHost.lastIndex(of: ":") {
            guard let number = UInt16(afterHost[afterHost.index(after: colon)...]), number > 0 else { return nil }
            port = Int(number)
        }
        let path = rest[end...].prefix { $0 != "#" }
        self.init(host: name, port: port, path: path.first == "/" ? String(path) : "/" + path)
    }

    /// `host:port`, an IPv6 address in brackets.
    package var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    package var description: String { "ws://\(authority)\(path)" }
}
