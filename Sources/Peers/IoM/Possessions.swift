package import Objects

/// What an instance answers to `have` with a nonce (service 37).
package struct Possessions: Hashable, Sendable {
    /// Whether it keeps everything now, and vouches for what it proves to have; if not, it proves nothing.
    package var keepsEverything: Bool
    /// One for each object it was asked for, in that order, as far as it has come; nil: it is not there.
    package var proofs: [PossessionProof?]

    package init(keepsEverything: Bool, proofs: [PossessionProof?]) {
        (self.keepsEverything, self.proofs) = (keepsEverything, proofs)
    }
}

/// Where the answer to `have` with a nonce is written to.
///
///     byte 0        1: keeps everything; 0: does not, and this is the end
///     then for each object
///     byte 0        1: here; 0: missing, and nothing follows
///     bytes 1-32    SHA-256(nonce || bytes)
package struct PossessionWriter: ~Copyable {
    /// So much is sent together; a proof of many bytes is not kept back for others, as it may take long to the next.
    private static let pieceByteCount = 8 << 10

    private let stream: StreamWriter
    private var pending: [UInt8] = []

    init(stream: StreamWriter) { self.stream = stream }

    /// To be called first, once.
    package mutating func begin(keepsEverything: Bool) { pending.append(keepsEverything ? 1 : 0) }

    /// The next of the objects that were asked for; nil: it is not here.
    package mutating func write(_ proof: PossessionProof?) async throws(CallError) {
        pending += proof.map { [1] + $0.bytes } ?? [0]
        if pending.count >= Self.pieceByteCount { try await flush() }
    }

    package mutating func flush() async throws(CallError) {
        guard !pending.isEmpty else { return }
        try await stream.write(pending)
        pending = []
    }
}

/// Reads such an answer however it is cut.
struct PossessionReader {
    private let count: Int
    private var buffer: [UInt8] = []
    private var keepsEverything: Bool?
    private var proofs: [PossessionProof?] = []

    /// `count` objects were asked for.
    init(count: Int) { self.count = count }

    mutating func push(_ bytes: [UInt8]) throws(CallError) {
        buffer += bytes
        var rest = buffer[...]
        if keepsEverything == nil, let first = rest.popFirst() { keepsEverything = try Self.flag(first) }
        while let first = rest.first {
            guard keepsEverything == true, proofs.count < count else { throw .violated("more than was asked for") }
            guard try Self.flag(first) else {
                proofs.append(nil)
                rest.removeFirst()
                continue
            }
            let end = rest.startIndex + 1 + PossessionProof.byteCount
            guard end <= rest.endIndex else { break }
            proofs.append(PossessionProof(bytes: rest[(rest.startIndex + 1)..<end]))
            rest = rest[end...]
        }
        buffer = Array(rest)
    }

    /// The whole answer.
    func finish() throws(CallError) -> Possessions {
        guard buffer.isEmpty, let keepsEverything, proofs.count == (keepsEverything ? count : 0) else {
            throw .violated("an answer to have that is cut")
        }
        return Possessions(keepsEverything: keepsEverything, proofs: proofs)
    }

    private static func flag(_ byte: UInt8) throws(CallError) -> Bool {
        guard byte <= 1 else { throw .violated("not an answer to have") }
        return byte == 1
    }
}

extension IoMClient {
    /// Asks whether the other side keeps everything, and to prove which of these objects it has.
    ///
    /// 1 to `hashCountMax` different hashes; it reads all their bytes to answer.
    package func have(_ hashes: [ObjectHash], nonce: Nonce) async throws(CallError) -> Possessions {
        let arguments: [JSONValue] = [.array(hashes.map { .string($0.hex) }), .string(nonce.hex)]
        let stream = try await calls.stream(ServiceNumber.have, arguments, priority: .background)
        var reader = PossessionReader(count: hashes.count)
        let byteCountMax = 1 + hashes.count * (1 + PossessionProof.byteCount)
        for try await piece in ByteStream(stream: stream, byteCountMax: byteCountMax) { try reader.push(piece) }
        return try reader.finish()
    }
}
