import Glibc
import Synchronization
import SystemPackage

/// A TCP relay on the loopback between who dials and an instance: counts every byte both ways, and can stall and cut.
///
/// What it counts is what a capture of the packets would show of their payload: TCP gives it each byte once.
final class Relay: Sendable {
    /// Bytes of one connection: from who dialled, and to it.
    struct Counts: Equatable, Sendable {
        var up = 0
        var down = 0
        var isOpen = true
    }

    private enum Direction { case up, down }

    private struct Line {
        var counts = Counts()
        var sockets: [Int32]
        /// Pumps that have ended; after both the sockets are closed.
        var endCount = 0
        /// Nothing goes through any more, not even what waits here.
        var isCut = false
    }

    private struct State {
        var lines: [Line] = []
        var isStalled = false
        var isClosed = false
        /// Whether who dials is turned away, and how often that was.
        var isShut = false
        var refusedCount = 0
    }

    let port: UInt16
    private let target: UInt16
    private let listener: Int32
    private let state = Mutex(State())

    init(to target: UInt16) throws {
        self.target = target
        (listener, port) = try Loopback.listen()
        Background.start { self.accept() }
    }

    /// Each connection there was, in order.
    var connections: [Counts] { state.withLock { $0.lines.map(\.counts) } }

    /// All of them together.
    var total: (up: Int, down: Int) { connections.reduce((0, 0)) { ($0.0 + $1.up, $0.1 + $1.down) } }

    /// Dials that were turned away.
    var refusedCount: Int { state.withLock { $0.refusedCount } }

    /// While stalled nothing gets through to who dialled, and nothing is lost.
    func stall(_ isStalled: Bool) { state.withLock { $0.isStalled = isStalled } }

    /// Cuts all connections: both sides get a reset, as when a box in between forgets them.
    ///
    /// `shut`: new ones too.
    func cut(shut: Bool = false) {
        state.withLock { state in
            state.isShut = shut
            for number in state.lines.indices where state.lines[number].counts.isOpen {
                state.lines[number].isCut = true
                for socket in state.lines[number].sockets { Self.reset(socket) }
            }
        }
    }

    /// Lets connections through again.
    func open() { state.withLock { $0.isShut = false } }

    func end() {
        cut(shut: true)
        state.withLock { $0.isClosed = true }
        shutdown(listener, Int32(SHUT_RDWR))
    }

    /// Wakes who reads and writes; closing it then sends a reset.
    private static func reset(_ socket: Int32) {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        // Not the writing side: that would say a good end before the reset.
        shutdown(socket, Int32(SHUT_RD))
    }

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else { break }
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            guard !state.withLock({ $0.isShut }), let server = try? Loopback.connect(to: target) else {
                state.withLock { $0.refusedCount += 1 }
                Self.reset(client)
                close(client)
                continue
            }
            let number = state.withLock { state in
                state.lines.append(Line(sockets: [client, server]))
                return state.lines.count - 1
            }
            Background.start { self.pump(number, from: client, to: server, .up) }
            Background.start { self.pump(number, from: server, to: client, .down) }
        }
        close(listener)
    }

    private func pump(
        _ number: Int,
        from source: Int32,
        to target: Int32,
        _ direction: Direction
    ) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            while direction == .down, isHeld(number) { usleep(1_000) }
            guard !state.withLock({ $0.lines[number].isCut }) else { break }
            guard send(buffer[..<count], to: target) else { break }
            state.withLock { state in
                switch direction {
                case .up: state.lines[number].counts.up += count
                case .down: state.lines[number].counts.down += count
                }
            }
        }
        // A cut is no good end.
        if !state.withLock({ $0.lines[number].isCut }) { shutdown(target, Int32(SHUT_WR)) }
        finish(number)
    }

    private func isHeld(_ number: Int) -> Bool {
        state.withLock { $0.isStalled && !$0.isClosed && !$0.lines[number].isCut }
    }

    private func send(_ bytes: ArraySlice<UInt8>, to target: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private func finish(_ number: Int) {
        state.withLock { state in
            state.lines[number].endCount += 1
            guard state.lines[number].endCount == 2 else { return }
            state.lines[number].counts.isOpen = false
            for socket in state.lines[number].sockets { close(socket) }
        }
    }
}

/// Sockets on 127.0.0.1.
enum Loopback {
    /// A listening socket, and its port.
    static func listen() throws -> (socket: Int32, port: UInt16) {
        let socket = try make()
        var address = address(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, size) == 0 && Glibc.listen(socket, 64) == 0 && getsockname(socket, $0, &size) == 0
            }
        }
        guard isBound else {
            close(socket)
            throw Errno(rawValue: errno)
        }
        return (socket, UInt16(bigEndian: address.sin_port))
    }

    static func connect(to port: UInt16) throws -> Int32 {
        let socket = try make()
        var address = address(port)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(socket, $0, size) }
        }
        guard result == 0 else {
            close(socket)
            throw Errno(rawValue: errno)
        }
        var isOn: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
        return socket
    }

    private static func make() throws -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw Errno(rawValue: errno) }
        return socket
    }

    private static func address(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }
}
