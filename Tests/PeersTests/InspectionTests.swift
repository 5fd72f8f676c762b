import NIOHTTP1
import Objects
import Testing

@testable import Peers

/// The checks before NIO's codecs: every rule of RFC 6455, however the bytes are cut.
@Suite struct InspectionTests {
    /// A frame as a client sends it, with a masking key of zeros.
    static func frame(
        _ opcode: UInt8,
        _ byteCount: Int = 0,
        final: Bool = true,
        reserved: UInt8 = 0,
        masked: Bool = true
    ) -> [UInt8] {
        let mask: UInt8 = masked ? 0x80 : 0
        var bytes: [UInt8] = [(final ? 0x80 : 0) | reserved << 4 | opcode]
        switch byteCount {
        case 0..<126: bytes += [mask | UInt8(byteCount)]
        case 126..<65536: bytes += [mask | 126, UInt8(byteCount >> 8), UInt8(byteCount & 255)]
        default: bytes += [mask | 127] + (0..<8).map { UInt8(truncatingIfNeeded: byteCount >> (56 - 8 * $0)) }
        }
        return bytes + (masked ? [0, 0, 0, 0] : []) + [UInt8](repeating: 120, count: byteCount)
    }

    /// The code of the violation in these bytes; nil if there is none.
    ///
    /// The same for every way of cutting them.
    private func code(_ bytes: [UInt8], _ role: WebSocketRole = .server) -> UInt16? {
        let codes = [1, 2, 3, 7, 1000, bytes.count].map { size -> UInt16? in
            var inspection = FrameInspection(role: role)
            do throws(WireViolation) {
                for start in stride(from: 0, to: bytes.count, by: size) {
                    try inspection.inspect(bytes[start..<min(start + size, bytes.count)])
                }
                return nil
            } catch {
                return error.code
            }
        }
        #expect(Set(codes).count == 1)
        return codes.last ?? nil
    }

    @Test func legalFramesPass() {
        let fragmented =
            Self.frame(1, 5, final: false) + Self.frame(9, 125) + Self.frame(0, 0, final: false)
            + Self.frame(10) + Self.frame(0, 300)
        for byteCount in [0, 1, 125, 126, 127, 65535, 65536, 70000] {
            #expect(code(Self.frame(2, byteCount)) == nil)
            #expect(code(Self.frame(2, byteCount, masked: false), .client) == nil)
        }
        #expect(code(fragmented + fragmented + Self.frame(8, 2)) == nil)
    }

    @Test func illegalFramesDoNot() {
        let minimal: [[UInt8]] = [
            [0x81, 0xFE, 0, 5], [0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], [0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0],
        ]
        let illegal: [[UInt8]] = [
            Self.frame(1, 1, masked: false), Self.frame(3), Self.frame(7), Self.frame(11), Self.frame(15),
            Self.frame(2, 1, reserved: 4), Self.frame(2, 1, reserved: 2), Self.frame(2, 1, reserved: 1),
            Self.frame(9, 126), Self.frame(8, 126), Self.frame(9, 1, final: false), Self.frame(0, 1),
            Self.frame(1, 1, final: false) + Self.frame(2, 1), Self.frame(1, 1, final: false) + Self.frame(1, 1),
            Self.frame(1, 1, final: false) + Self.frame(0, 1) + Self.frame(0, 1),
        ]
        for bytes in illegal + minimal { #expect(code(bytes) == 1002) }
        #expect(code(Self.frame(1, 1), .client) == 1002)
    }

    @Test func tooMuchIsTooBig() {
        let huge: [UInt8] = [0x82, 0xFF, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        #expect(code(huge) == 1009)
        #expect(code(Self.frame(2, FrameLimits.peers.frameByteCountMax)) == nil)
        #expect(code(Self.frame(2, FrameLimits.peers.frameByteCountMax + 1)) == 1009)
        let empty = Self.frame(2, 0, final: false) + (1..<1024).flatMap { _ in Self.frame(0, 0, final: false) }
        #expect(code(empty) == nil)
        #expect(code(empty + Self.frame(0)) == 1009)
        let piece = Self.frame(0, 1 << 20, final: false)
        #expect(code(Self.frame(2, 0, final: false) + piece + piece + piece + piece + Self.frame(0)) == nil)
        #expect(code(Self.frame(2, 1, final: false) + piece + piece + piece + piece) == 1009)
    }

    @Test func randomBytesNeverPassForLong() {
        for seed in 0..<500 {
            var inspection = FrameInspection(role: .server)
            // Random bytes are legal frames for a while only by luck; inspecting them never traps.
            do { try inspection.inspect(SeededRandom(seed: UInt64(seed)).bytes(4096)) } catch {}
        }
    }

    @Test func messagesAndCloses() throws {
        var assembly = MessageAssembly()
        #expect(try assembly.receive(opcode: 1, final: false, payload: [0xC3]) == .none)
        #expect(try assembly.receive(opcode: 9, final: true, payload: [1]) == .ping([1]))
        #expect(try assembly.receive(opcode: 0, final: true, payload: [0xA9]) == .message(.text("é")))
        #expect(try assembly.receive(opcode: 2, final: true, payload: [0xFF]) == .message(.binary([0xFF])))
        #expect(try assembly.receive(opcode: 8, final: true, payload: []) == .close(code: nil, reason: ""))
        #expect(try assembly.receive(opcode: 8, final: true, payload: [3, 232, 97]) == .close(code: 1000, reason: "a"))
        for (payload, code) in [([3], 1002), ([3, 237], 1002), ([3, 231], 1002), ([3, 232, 0xFF], 1007)] {
            let payload = payload.map { UInt8($0) }
            #expect(throws: WireViolation.self) { try assembly.receive(opcode: 8, final: true, payload: payload) }
            do { _ = try assembly.receive(opcode: 8, final: true, payload: payload) } catch {
                #expect(Int(error.code) == code)
            }
        }
        #expect(throws: WireViolation.notText("text is not UTF-8")) {
            try assembly.receive(opcode: 1, final: true, payload: [0xFF])
        }
    }

    @Test func headsAreLimited() throws {
        func result(_ text: String) throws -> Int? {
            var inspection = HeadInspection()
            return try inspection.inspect(Array(text.utf8))
        }
        #expect(try result("GET / HTTP/1.1\r\nHost: a\r\n\r\nrest") == 27)
        #expect(try result("GET / HTTP/1.1\r\nHost: a\r\n") == nil)
        let many = (0..<100).map { "X\($0): y\r\n" }.joined()
        for head in [
            "GET / HTTP/1.1\nHost: a", "a\r\rb", "a\0b", "a\u{1b}b", "X: " + String(repeating: "a", count: 20000), many,
        ] {
            #expect(throws: WireViolation.self) { try result(head) }
        }
    }

    @Test func upgradesAreChecked() {
        let check = UpgradeCheck(hostNames: ["Home.Example"])
        func refusal(_ change: (inout HTTPRequestHead) -> Void) -> String? {
            var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/any?path")
            head.headers = [
                "Host": "home.example:8765", "Upgrade": "WebSocket", "Connection": "keep-alive, Upgrade",
                "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13",
            ]
            change(&head)
            return check.refusal(of: head, localAddress: "192.0.2.1")
        }
        #expect(refusal { _ in } == nil)
        #expect(refusal { $0.headers.replaceOrAdd(name: "Host", value: "192.0.2.1") } == nil)
        let changes: [(inout HTTPRequestHead) -> Void] = [
            { $0.method = .POST }, { $0.version = .http1_0 }, { $0.uri = "http://home.example/" },
            { $0.headers.replaceOrAdd(name: "Sec-WebSocket-Key", value: "abc") },
            { $0.headers.replaceOrAdd(name: "Sec-WebSocket-Key", value: "dGhlIHNhbXBsZSBub25jZR==") },
            { $0.headers.replaceOrAdd(name: "Sec-WebSocket-Version", value: "8") },
            { $0.headers.add(name: "Sec-WebSocket-Version", value: "13") },
            { $0.headers.replaceOrAdd(name: "Upgrade", value: "h2c") }, { $0.headers.remove(name: "Connection") },
            { $0.headers.add(name: "Origin", value: "null") }, { $0.headers.add(name: "Content-Length", value: "0") },
            { $0.headers.add(name: "Host", value: "home.example") }, { $0.headers.remove(name: "Host") },
            { $0.headers.replaceOrAdd(name: "Host", value: "192.0.2.2") },
        ]
        for (number, change) in changes.enumerated() { #expect(refusal(change) != nil, "change \(number)") }
    }
}
