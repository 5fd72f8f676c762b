import Foundation
import Glibc

@testable import Peers

/// Runs what blocks on a thread of its own: the tasks' threads are few.
enum OwnThread {
    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        let result = OneShot<Result<Value, any Error>>()
        Thread.detachNewThread { result.fulfil(Result { try body() }) }
        guard let result = await result.value() else { throw CancellationError() }
        return try result.get()
    }
}

/// A plain TCP connection to the loopback, blocking.
final class TestSocket: Sendable {
    struct Failure: Error {
        var code: Int32
    }

    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var time = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        let result = Self.withLoopback(port) { connect(descriptor, $0, $1) }
        guard result == 0 else { throw Failure(code: errno) }
    }

    deinit { close(descriptor) }

    static func withLoopback<Result>(
        _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    func send(_ bytes: [UInt8]) { _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    /// Some bytes; empty at the end.
    func read() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return Array(buffer.prefix(max(0, count)))
    }

    func readToEnd() -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let piece = read()
            if piece.isEmpty { return bytes }
            bytes += piece
        }
    }

    /// Whether a good WebSocket request with this host gets a 101.
    func upgrades(host: String, extra: String = "") -> Bool {
        let request = """
            GET / HTTP/1.1\r\nHost: \(host)\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n\
            Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\(extra)\r\n
            """
        send(Array(request.utf8))
        return read().starts(with: Array("HTTP/1.1 101 ".utf8))
    }
}

/// A server that accepts and says nothing.
final class SilentServer: Sendable {
    let port: Int
    private let descriptor: Int32

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let result = TestSocket.withLoopback(0) { bind(descriptor, $0, $1) }
        guard result == 0, listen(descriptor, 1) == 0 else { throw TestSocket.Failure(code: errno) }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &length) }
        }
        (self.descriptor, port) = (descriptor, Int(in_port_t(bigEndian: address.sin_port)))
    }

    deinit { close(descriptor) }

    /// Waits for a connection; the process closes it at its end.
    func accept() { _ = Glibc.accept(descriptor, nil, nil) }
}
