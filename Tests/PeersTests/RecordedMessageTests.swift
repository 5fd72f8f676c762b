import Objects
import Testing

@testable import Peers

/// Sessions recorded between reference implementations, message by message: nothing in them is left out.
@Suite struct RecordedMessageTests {
    /// What went over one connection after it was encrypted.
    private struct Recording {
        var name: String
        var application: [SessionLine]
        var plain: [SessionLine]
    }

    private func recordings() throws -> [Recording] {
        var recordings: [Recording] = []
        for (name, lines) in try Fixtures.sessions() {
            for note in lines where note.note == "encryption-plugin-attached" {
                let rest = lines.filter { $0.conn == note.conn && $0.seq > note.seq }
                recordings.append(
                    Recording(
                        name: "\(name), connection \(note.conn)",
                        application: rest.filter { $0.layer == "app" },
                        plain: rest.filter { $0.layer == "plain" }
                    )
                )
            }
        }
        #expect(recordings.count > 10)
        return recordings
    }

    /// A message as it was recorded; of a binary one that was cut the rest is zeros.
    private func message(_ line: SessionLine) throws -> WireMessage {
        if line.kind == "text" {
            let text = try line.text ?? JSONText.encode(#require(line.json))
            #expect(text.utf8.count == line.len, "\(line.seq)")
            return .text(text)
        }
        let start = bytes(try #require(line.hex).filter(\.isHexDigit))
        let byteCount = try #require(line.len)
        return .binary(start + [UInt8](repeating: 0, count: byteCount - start.count))
    }

    @Test func `What the reference sent goes out in the same pieces`() throws {
        for recording in try recordings() {
            let sent = recording.application.filter { $0.dir == "out" }
            let pieces = try sent.flatMap { Fragmentation.outgoing(try message($0)) }.map { piece -> WireMessage in
                if case .text(let text) = piece { .text(Keepalive.outgoing(text)) } else { piece }
            }
            let plain = recording.plain.filter { $0.dir == "out" && $0.text != Keepalive.word }
            #expect(pieces.count == plain.count, "\(recording.name)")
            for (piece, line) in zip(pieces, plain) {
                let label = Comment(rawValue: "\(recording.name), line \(line.seq)")
                switch piece {
                case .text(let text):
                    #expect(line.kind == "text" && text.utf8.count == line.len, label)
                    #expect(
                        line.text.map { $0 == text } ?? (JSONText.decode(JSONValue.self, from: text) == line.json),
                        label
                    )
                case .binary(let piece):
                    #expect(line.kind == "binary" && piece.count == line.len, label)
                    // Of a message that was cut in the recording the later pieces are not known.
                    let isKnown = line.bytes != nil && sent.allSatisfy { $0.kind == "text" || $0.bytes != nil }
                    if isKnown { #expect(line.bytes == piece, label) }
                }
            }
        }
    }

    @Test func `What came to the reference comes out of the same pieces`() throws {
        for recording in try recordings() {
            var reassembly = Reassembly()
            var expected = recording.application.filter { $0.dir == "in" }.makeIterator()
            for line in recording.plain where line.dir == "in" {
                let label = Comment(rawValue: "\(recording.name), line \(line.seq)")
                var piece = try message(line)
                if case .text(let text) = piece {
                    guard let text = Keepalive.incoming(text) else { continue }
                    piece = .text(text)
                }
                guard let whole = try reassembly.incoming(piece) else { continue }
                let following = expected.next()
                let next = try #require(following, label)
                #expect(next.kind == (whole.isText ? "text" : "binary") && next.len == whole.byteCount, label)
                guard case .text(let text) = whole else { continue }
                #expect(
                    next.text.map { $0 == text } ?? (JSONText.decode(JSONValue.self, from: text) == next.json),
                    label
                )
            }
            #expect(expected.next() == nil, "\(recording.name)")
        }
    }

    @Test func `Every recorded request and answer is understood and said again the same`() throws {
        var count = 0
        for recording in try recordings() {
            for line in recording.application {
                let label = Comment(rawValue: "\(recording.name), line \(line.seq)")
                let recorded = try message(line)
                if line.kind == "binary", line.len == 104 { continue }
                guard line.kind == "binary" || line.json?["requestId"] != nil || line.json?["responseId"] != nil else {
                    continue
                }
                let call = try #require(CallMessage(recorded), label)
                count += 1
                guard case .text(let text) = call.message else {
                    #expect(call.message == recorded, label)
                    continue
                }
                #expect(JSONText.decode(JSONValue.self, from: text) == line.json, label)
            }
        }
        #expect(count > 200)
    }

    @Test func `Every recorded answer of an exporter is read and written again the same`() throws {
        var counts: [Int: Int] = [:]
        for (file, lines) in try Fixtures.sessions() {
            for conn in Set(lines.map(\.conn)) {
                for direction in ["in", "out"] {
                    for call in try RecordedCall.all(in: file, dir: direction, conn: conn) {
                        guard let text = call.data?.string else { continue }
                        try check(text, of: call)
                        counts[call.service, default: 0] += 1
                    }
                }
            }
        }
        #expect(counts[ChumService.accessibleRoots] ?? 0 > 10 && counts[ChumService.object] ?? 0 > 40, "\(counts)")
    }

    private func check(_ text: String, of call: RecordedCall) throws {
        let label = Comment(rawValue: "\(call.service) \(call.arguments)")
        switch call.service {
        case ChumService.accessibleRoots:
            let roots = try #require(AccessibleRoot.roots(from: text), label)
            let again = JSONText.decode(JSONValue.self, from: AccessibleRoot.text(of: roots))
            #expect(again == JSONText.decode(JSONValue.self, from: text), label)
        case ChumService.objectChildren, ChumService.idObjectChildren:
            #expect(ObjectChild.children(from: text).map(ObjectChild.text(of:)) == text, label)
        case ChumService.object, ChumService.idObject:
            let (bytes, book) = (Array(text.utf8), RecipeBook.standard)
            #expect(ObjectHash(of: bytes).hex == call.arguments.first?.string, label)
            let again =
                call.service == ChumService.idObject
                ? try Microdata.idBytes(of: Microdata.idObject(from: bytes, book), book)
                : try Microdata.bytes(of: Microdata.object(from: bytes, book), book)
            #expect(again == bytes, label)
        default: break
        }
    }
}
