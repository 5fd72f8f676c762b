import Synchronization

/// The names by which browsers may call the dashboard.
///
/// A page of somebody else whose name was made to mean this computer says that name, and is refused (DNS rebinding).
struct HostNames: Sendable {
    let port: Int
    /// What is given out.
    let address: String
    /// In lower case, with the port.
    private let names: Set<String>

    init(host: String, port: Int, configured: [String]) {
        self.port = port
        let isAny = host == "0.0.0.0" || host == "::"
        let own = host.contains(":") ? "[\(host)]" : host
        let local = ["127.0.0.1", "localhost", "[::1]"]
        let given = configured.map { $0.lowercased() }.map { Self.hasPort($0) ? $0 : "\($0):\(port)" }
        names = Set((isAny ? local : local + [own.lowercased()]).map { "\($0):\(port)" } + given)
        address = "http://" + (isAny ? given.first ?? "127.0.0.1:\(port)" : "\(own):\(port)")
    }

    private static func hasPort(_ name: String) -> Bool {
        guard let colon = name.lastIndex(of: ":"), !name.hasSuffix("]") else { return false }
        return Int(name[name.index(after: colon)...]) != nil
    }

    func has(_ host: String) -> Bool { names.contains(host.lowercased()) }
}

/// Those of a server, once it listens.
final class BoundNames: Sendable {
    private let names = Mutex<HostNames?>(nil)

    var current: HostNames? { names.withLock { $0 } }

    func set(_ names: HostNames) { self.names.withLock { $0 = names } }
}
