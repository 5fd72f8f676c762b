package import NIOHTTP1

/// Decides whether a request may become a WebSocket of ours (RFC 6455 4.2.1), and refuses web pages: whoever sends an
/// `Origin` is a browser, and a foreign `Host` is a name somebody else pointed at this address.
package struct UpgradeCheck: Sendable {
    /// Names people reach this instance by, beside its addresses and `localhost`; in lower case.
    package var hostNames: Set<String>

    package init(hostNames: some Sequence<String>) { self.hostNames = Set(hostNames.map { $0.lowercased() }) }

    /// nil if it may, else why not.
    ///
    /// `localAddress` is the address the request came in at, without port.
    package func refusal(of head: HTTPRequestHead, localAddress: String?) -> String? {
        let headers = head.headers
        func only(_ name: String) -> String? {
            let values = headers[name]
            return values.count == 1 ? values[0] : nil
        }
        func has(_ token: String, in name: String) -> Bool {
            headers[canonicalForm: name].contains { $0.lowercased() == token }
        }
        guard head.method == .GET, head.version == .http1_1 else { return "not GET of HTTP/1.1" }
        guard head.uri.hasPrefix("/") else { return "not a path" }
        guard has("websocket", in: "upgrade"), has("upgrade", in: "connection") else { return "no upgrade" }
        guard only("sec-websocket-version") == "13" else { return "not version 13" }
        guard let key = only("sec-websocket-key"), Self.isKey(key) else { return "no 16-byte key" }
        for name in ["origin", "transfer-encoding", "content-length", "expect", "trailer"]
        where headers.contains(name: name) {
            return "header \(name)"
        }
        guard let host = only("host"), let name = Self.hostName(host), isOurs(name, localAddress) else {
            return "not our host name"
        }
        return nil
    }

    private func isOurs(_ name: String, _ localAddress: String?) -> Bool {
        if ["localhost", "127.0.0.1", "::1"].contains(name) || hostNames.contains(name) { return true }
        guard let localAddress else { return false }
        let mapped = "::ffff:"
        return name == localAddress || mapped + name == localAddress.lowercased()
    }

    /// The name of `name`, `name:port`, `[address]` or `[address]:port`, in lower case; nil for anything else.
    static func hostName(_ host: String) -> String? {
        var name = host.lowercased()[...]
        var port: Substring?
        if name.first == "[" {
            guard let end = name.firstIndex(of: "]") else { return nil }
            let rest = name[name.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" else { return nil }
            port = rest.isEmpty ? nil : rest.dropFirst()
            name = name[..<end].dropFirst()
            // Only addresses of IPv6 are written so.
            guard name.contains(":") else { return nil }
        } else if let colon = name.firstIndex(of: ":") {
            port = name[name.index(after: colon)...]
            name = name[..<colon]
        }
        if name.contains(where: { "[]".contains($0) }) { return nil }
        if let port, UInt16(port) == nil || !port.utf8.allSatisfy({ 48...57 ~= $0 }) { return nil }
        return name.isEmpty ? nil : String(name)
    }

    /// Whether this is the Base64 text of 16 bytes: 22 digits, the last of which carries 2 bits, and two fillers.
    private static func isKey(_ key: String) -> Bool {
        let digits = Array(key.utf8)
        func isDigit(_ byte: UInt8) -> Bool {
            switch byte {
            case 65...90, 97...122, 48...57, 43, 47: true
            default: false
            }
        }
        return digits.count == 24 && digits[22...].elementsEqual([61, 61]) && digits[..<22].allSatisfy(isDigit)
            && "AQgw".utf8.contains(digits[21])
    }
}
