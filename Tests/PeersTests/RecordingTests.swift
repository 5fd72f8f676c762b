import Objects
import Testing

@testable import Peers

/// Sessions recorded between reference implementations: the layers agree with ours.
@Suite struct RecordingTests {
    @Test func everyRecordedFrameOpensAndSealsToTheSameBytes() throws {
        var frameCount = 0
        for (_, lines) in try Fixtures.sessions() {
            for connection in Set(lines.map(\.conn)) {
                frameCount += try checkFrames(lines.filter { $0.conn == connection })
            }
        }
        #expect(frameCount > 100)
    }

    /// Frames of one connection; each direction counts its own, and those cut in the recording count too.
    private func checkFrames(_ lines: [SessionLine]) throws -> Int {
        guard let note = lines.first(where: { $0.note == "encryption-plugin-attached" }) else { return 0 }
        let text = try #require(note.sharedKey)
        let key = try #require(SharedKey(bytes: bytes(text)))
        var counters = ["out": try #require(note.localNonceStart), "in": try #require(note.remoteNonceStart)]
        var checkedCount = 0
        let plain = Dictionary(grouping: lines.filter { $0.layer == "plain" }) { $0.dir }
        var plainIndex = ["in": 0, "out": 0]
        for line in lines where line.layer == "ws" && line.seq > note.seq && line.kind == "binary" {
            let counter = try #require(counters[line.dir])
            counters[line.dir] = counter + 2
            let index = plainIndex[line.dir] ?? 0
            plainIndex[line.dir] = index + 1
            guard let frame = line.bytes else { continue }
            let recorded = plain[line.dir].flatMap { index < $0.count ? $0[index] : nil }
            if let recorded { #expect(recorded.nonceCounter == counter) }
            try checkFrame(frame, key: key, counter: counter, expected: recorded.flatMap(Self.message))
            checkedCount += 1
        }
        return checkedCount
    }

    /// What a line of layer `plain` says the message is; nil if that was cut, or is JSON in our own order.
    private static func message(_ line: SessionLine) -> Message? {
        if let bytes = line.bytes { return .binary(bytes) }
        guard line.kind == "text", let text = line.text, text.utf8.count == line.len else { return nil }
        return .text(text)
    }

    @Test func plainAndApplicationLayersAgree() throws {
        var messageCount = 0
        for (_, lines) in try Fixtures.sessions() {
            for connection in Set(lines.map(\.conn)) {
                messageCount += try checkLayers(lines.filter { $0.conn == connection && $0.dir == "in" })
            }
        }
        #expect(messageCount > 100)
    }

    /// Incoming plain messages give the application messages that follow them.
    private func checkLayers(_ lines: [SessionLine]) throws -> Int {
        var reassembly = Reassembly()
        var count = 0
        let start = lines.first { $0.layer == "plain" }?.seq ?? .max
        let plain = lines.filter { $0.layer == "plain" }
        let application = lines.filter { $0.layer == "app" && $0.seq > start }
        var expected = application.makeIterator()
        for line in plain {
            // Cut pieces are replaced by as many bytes: the layers look at lengths only.
            let message: Message
            if line.kind == "binary" {
                message = .binary(line.bytes ?? [UInt8](repeating: 0, count: line.len ?? 0))
            } else if let text = line.text {
                guard let text = Keepalive.incoming(text) else { continue }
                message = .text(text)
            } else {
                message = .text(String(repeating: "j", count: line.len ?? 0))
            }
            guard let whole = try? reassembly.incoming(message) else { continue }
            guard let next = expected.next() else { continue }
            #expect(next.kind == (whole.isText ? "text" : "binary"))
            if line.text == nil, line.kind == "text" { #expect(next.json == line.json) }
            count += 1
        }
        return count
    }
}

extension Message {
    var isText: Bool { if case .text = self { true } else { false } }
}
