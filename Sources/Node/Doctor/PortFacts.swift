import Glibc

/// Whether others can reach this instance where it is to listen.
struct PortFacts: Sendable {
    /// What came of trying to listen there.
    enum Trial: Hashable, Sendable {
        case free
        case taken
        /// The address is none of this machine's.
        case foreign
        /// The port is for root only.
        case reserved
        case failed(String)
    }

    /// `instance.listen` of iom.toml.
    var configured: Listening?
    var isRunning = false
    /// Where the running node listens.
    var endpoint: String?
    /// nil: not tried, as the node listens.
    var trial: Trial?
    /// One that was free a moment ago.
    var freePort: Int?
    var mending: Mending

    private static let reservedPorts = 1..<1024

    var findings: [Finding] {
        if let endpoint { return [.ok(.port, "the node listens, and others reach it at \(endpoint)")] }
        guard let trial else { return [] }
        return [isRunning && trial == .free ? silence : finding(trial)]
    }

    private var listening: Listening { configured ?? .preset }

    private var silence: Finding {
        guard configured != nil else {
            return .ok(.port, "the node does not listen, as nothing tells it to: it dials others")
        }
        return .problem(
            .port,
            "nobody listens at \(listening), as `instance.listen` asks for: the node was started without it",
            mend: mending.restart()
        )
    }

    private func finding(_ trial: Trial) -> Finding {
        switch trial {
        case .free:
            guard configured != nil else { return .ok(.port, "\(listening) is free for `iom serve`") }
            return .warning(.port, "no node runs, so nobody listens at \(listening)", mend: mending.iom("serve"))
        case .taken:
            let words = "\(listening) is taken by another program, so other devices cannot reach this one"
            // It need not listen where nobody asked for it.
            guard configured != nil else {
                return isRunning ? silence : .warning(.port, words, mend: elsewhere)
            }
            return .problem(.port, words, mend: elsewhere)
        case .foreign:
            return .problem(.port, "\(listening) is no address of this machine", mend: elsewhere)
        case .reserved:
            let mend = "sudo setcap cap_net_bind_service=+ep \"$(command -v iom)\""
            return .problem(.port, "\(listening) is for root only", mend: mend)
        case .failed(let words):
            return .unknown(.port, "whether somebody can listen at \(listening) is open: \(words)")
        }
    }

    private var elsewhere: String {
        let host = configured == nil ? Listening.preset.host : trial == .foreign ? "0.0.0.0" : listening.host
        let place = Listening(host: host, port: freePort ?? 0)
        return (isRunning ? mending.process.map { "kill \($0); " } ?? "" : "") + mending.iom("serve --listen \(place)")
    }
}

extension PortFacts {
    static func gathered(_ configured: Listening?, node: NodeFacts?, _ mending: Mending) -> Self {
        var facts = Self(configured: configured, mending: mending)
        facts.isRunning = node?.isServing == true
        facts.endpoint = node?.endpoint
        guard facts.endpoint == nil else { return facts }
        let trial = tried(facts.listening)
        facts.trial = trial.outcome
        if trial.outcome != .free { facts.freePort = tried(Listening(host: "127.0.0.1", port: 0)).port }
        return facts
    }

    /// Takes an address for a moment.
    private static func tried(_ listening: Listening) -> (outcome: Trial, port: Int?) {
        var (hints, found) = (addrinfo(), UnsafeMutablePointer<addrinfo>?.none)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        let failure = getaddrinfo(listening.host, "\(listening.port)", &hints, &found)
        guard failure == 0, let address = found?.pointee else {
            return (.failed(String(cString: gai_strerror(failure))), nil)
        }
        defer { freeaddrinfo(found) }
        let socket = socket(address.ai_family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return (.failed(String(cString: strerror(errno))), nil) }
        defer { close(socket) }
        // As a server does, for which connections that have just ended are no obstacle.
        var yes: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(socket, address.ai_addr, address.ai_addrlen) == 0, listen(socket, 1) == 0 else {
            return (outcome(of: errno, at: listening.port), nil)
        }
        var own = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isNamed = withUnsafeMutablePointer(to: &own) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &size) == 0 }
        }
        return (.free, isNamed ? Int(UInt16(bigEndian: own.sin_port)) : nil)
    }

    private static func outcome(of error: Int32, at port: Int) -> Trial {
        switch error {
        case EADDRINUSE: .taken
        case EADDRNOTAVAIL: .foreign
        case EACCES where reservedPorts.contains(port): .reserved
        default: .failed(String(cString: strerror(error)))
        }
    }
}
