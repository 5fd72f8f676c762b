import Objects
import Testing

@testable import Peers

/// The known answers of one-protocol: vectors.json.
@Suite struct VectorTests {
    private struct Vectors: Decodable {
        struct Nonce: Decodable {
            var n: UInt64
            var nonce: String
        }
        struct Padding: Decodable {
            var valueLength: Int
            var totalLength: Int
            var flags: Int
            var header: String
        }
        struct Frame: Decodable {
            var key: String
            var nonceCounter: UInt64
            var kind: String
            var payload: String?
            var payloadHex: String?
            var frame: String
        }
        struct Chunk: Decodable {
            var responseId: Int
            var data: String
            var message: String
        }
        struct Invitation: Decodable {
            var json: String
            var url: String
        }
        var nonceCounter: [Nonce]
        var padding: [Padding]
        var frames: [Frame]
        var fragmentation: [String: [String]]
        var escape: [String: String]
        var blobChunk: Chunk
        var invitation: Invitation
    }

    private let vectors: Vectors

    init() throws { vectors = try Fixtures.vectors(Vectors.self) }

    @Test func noncesCountInTheLastEightBytes() {
        for vector in vectors.nonceCounter {
            #expect(Hex.text(NonceCounter.nonce(vector.n)) == vector.nonce)
        }
        #expect(!vectors.nonceCounter.isEmpty)
    }

    @Test func paddingHeaders() {
        for vector in vectors.padding {
            let extra = vector.totalLength - vector.valueLength - 1
            #expect(Hex.text(Padding.header(isText: vector.flags & 1 == 1, extraByteCount: extra)) == vector.header)
        }
        #expect(!vectors.padding.isEmpty)
    }

    @Test func paddingOfAnyLengthFieldIsTaken() {
        for count in 0...8 {
            let length = (0..<count).map { $0 == count - 1 ? UInt8(3) : 0 }
            let filler: [UInt8] = count == 0 ? [] : [7, 7, 7]
            let padded = [0x10 | UInt8(count)] + length + filler + Array("text".utf8)
            #expect(Padding.unpad(padded[...]) == .text("text"))
        }
        for wrong: [UInt8] in [
            [], [0x19], [0x20], [0x11], [0x11, 9, 1], [0x18] + [UInt8](repeating: 255, count: 8), [0x10, 0xFF],
        ] {
            #expect(Padding.unpad(wrong[...]) == nil)
        }
    }

    @Test func framesOpenAndSealToTheSameBytes() throws {
        for vector in vectors.frames {
            let key = try #require(SharedKey(bytes: bytes(vector.key)))
            let expected: WireMessage
            if vector.kind == "text" {
                expected = .text(try #require(vector.payload))
            } else {
                let hex = try #require(vector.payloadHex ?? vector.payload)
                expected = .binary(bytes(hex))
            }
            try checkFrame(bytes(vector.frame), key: key, counter: vector.nonceCounter, expected: expected)
        }
        #expect(!vectors.frames.isEmpty)
    }

    @Test func fragmentation() throws {
        let messages: [String: WireMessage] = [
            "text16383": .text(String(repeating: "a", count: 16383)),
            "text16384": .text(String(repeating: "a", count: 16384)),
            "text16384_two_byte": .text(String(repeating: "é", count: 40000)),
            "bin65536": .binary([UInt8](repeating: 1, count: 65536)),
            "bin65537": .binary([UInt8](repeating: 1, count: 65537)),
            "bin65544": .binary([UInt8](repeating: 1, count: 65544)),
            "escaped": .text("fragmentation_end of story"),
        ]
        #expect(Set(messages.keys) == Set(vectors.fragmentation.keys))
        for (name, message) in messages {
            let pieces = Fragmentation.outgoing(message)
            #expect(pieces.map { Self.shape($0) } == vectors.fragmentation[name], "\(name)")
            var reassembly = Reassembly()
            var result: WireMessage?
            for piece in pieces {
                #expect(result == nil)
                result = try reassembly.incoming(piece)
            }
            #expect(result == message)
        }
    }

    private static func shape(_ piece: WireMessage) -> String {
        switch piece {
        case .binary(let bytes): "binary(\(bytes.count))"
        case .text(let text) where text.hasPrefix("fragmentation"): "text:\(text)"
        case .text(let text): "text(\(text.utf16.count))"
        }
    }

    @Test func keepaliveEscapes() {
        #expect(Keepalive.outgoing("keepalive") == vectors.escape["keepalive"])
        #expect(Keepalive.outgoing("keepalivex") == vectors.escape["keepaliveX"])
        #expect(Keepalive.outgoing("hello") == vectors.escape["other"])
        #expect(Keepalive.incoming("keepalive") == nil)
        // U+0600 and the x after it are one Character: only the x may go.
        for text in ["keepalive", "keepalivex", "keepalive\u{600}", "hello", "keepaliv"] {
            #expect(Keepalive.incoming(Keepalive.outgoing(text)).map { Array($0.utf8) } == Array(text.utf8))
        }
    }

    @Test func binaryChunks() {
        let vector = vectors.blobChunk
        let message = CallMessage.binary(id: vector.responseId, bytes(vector.data))
        #expect(message.message == .binary(bytes(vector.message)))
        #expect(CallMessage(.binary(bytes(vector.message))) == message)
    }

    @Test func invitation() throws {
        let vector = vectors.invitation
        let invitation = try #require(Invitation(vector.url))
        #expect(Invitation(vector.json) == invitation)
        #expect(invitation.json == vector.json)
        #expect(invitation.link(prefix: "https://app.example/invites/invitePartner/?invited=true") == vector.url)
        #expect(Invitation(vector.json.replacing("}", with: ",\"x\":1}")) == nil)
        #expect(Invitation(vector.json.replacing("TTT\"", with: "TT\"")) == nil)
        #expect(Invitation(vector.json.replacing("TTT\"", with: "TT%\"")) == nil)
        #expect(Invitation(invitation.link() + "%") == nil)
        #expect(Invitation.makeToken(random: SeededRandom(seed: 1)).utf8.count == Invitation.tokenCharacterCount)
    }
}

/// Opens a frame, compares, and seals the message again with the padding it had.
func checkFrame(_ frame: [UInt8], key: SharedKey, counter: UInt64, expected: WireMessage?) throws {
    var opener = FrameOpener(key: key, first: counter)
    let message = try opener.open(frame)
    if let expected { #expect(message == expected) }
    let padded = try #require(key.open(frame, nonce: NonceCounter.nonce(counter)))
    let (count, length) = (Int(padded[0] & 15), padded.count > 1 ? Int(padded[1]) : 0)
    #expect(count <= 1)
    let filler = count == 0 ? [] : Array(padded[2..<2 + length])
    let random = RecordedRandom([[UInt8(count == 0 ? 0 : length + 1)], filler])
    var sealer = FrameSealer(key: key, first: counter)
    #expect(sealer.seal(message, random: random) == frame)
}
