import Objects

@testable import Peers

/// Everything that reads bytes from somebody else: whatever they are, it answers or throws, and what it has read it
/// writes again so that it reads the same.
enum Decoders {
    private static let book = RecipeBook.standard

    /// Microdata of objects and ID objects.
    static func microdata(_ input: [UInt8]) {
        if let object = try? Microdata.object(from: input, book) {
            // Reading is strict.
            precondition((try? Microdata.bytes(of: object, book)) == input, "written otherwise than it was read")
            _ = try? Microdata.idHash(of: object, book)
        }
        if let object = try? Microdata.idObject(from: input, book) {
            precondition((try? Microdata.idBytes(of: object, book)) == input, "written otherwise than it was read")
        }
        _ = try? Microdata.references(in: input, book)
        _ = KnownObject(hash: ObjectHash(of: input), bytes: input)
    }

    /// Messages of the RPC layer.
    static func call(_ input: [UInt8]) {
        var messages = [WireMessage.binary(input)]
        if let text = String(validating: input, as: UTF8.self) { messages.append(.text(text)) }
        for message in messages {
            guard let call = CallMessage(message) else { continue }
            if case .error = call { continue }  // shortened for people
            if case .streamError = call { continue }
            precondition(CallMessage(call.message) == call, "read otherwise than it was written")
        }
    }

    /// The JSON of the protocol: what sessions of own devices say beside calls.
    static func json(_ input: [UInt8]) {
        _ = try? JSON(bytes: input)
        guard let text = String(validating: input, as: UTF8.self) else { return }
        if let value = JSONText.decode(JSONValue.self, from: text) {
            precondition(
                JSONText.decode(JSONValue.self, from: JSONText.encode(value)) == value,
                "read otherwise than it was written"
            )
        }
        if let request = JoinRequest(.text(text)) { precondition(JoinRequest(request.message) == request, "a join") }
        _ = try? JoinReply(.text(text))
        _ = try? ProofMessage.proof(.text(text))
        _ = JSONText.decode(Hello.self, from: text)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        _ = try? FeedBatch(lines: lines)
        _ = try? OutlineBatch(lines: lines)
    }

    /// Links, addresses and host names.
    static func invitation(_ input: [UInt8]) {
        guard let text = String(validating: input, as: UTF8.self) else { return }
        if let invitation = Invitation(text) {
            precondition(Invitation(invitation.json) == invitation, "an invitation as JSON")
        }
        if let endpoint = Endpoint(url: text) {
            precondition(Endpoint(url: endpoint.description) == endpoint, "an address")
        }
        _ = UpgradeCheck.hostName(text)
    }

    /// What comes before and inside WebSocket frames, in pieces of any size.
    static func webSocket(_ input: [UInt8]) {
        guard let first = input.first else { return }
        let (bytes, size) = (input.dropFirst(), Int(first >> 2) + 1)
        for role in [WebSocketRole.server, .client] {
            var (head, frames, whole) = (HeadInspection(), FrameInspection(role: role), FrameInspection(role: role))
            _ = try? head.inspect(bytes)
            var rest = bytes
            var isLegal = true
            while !rest.isEmpty, isLegal {
                isLegal = (try? frames.inspect(rest.prefix(size))) != nil
                rest = rest.dropFirst(size)
            }
            precondition(((try? whole.inspect(bytes)) != nil) == isLegal, "how it is cut makes a difference")
        }
        var assembly = MessageAssembly()
        for (index, piece) in Pieces(bytes).enumerated() where index < 64 {
            let opcode = UInt8(piece.kind & 15)
            guard (try? assembly.receive(opcode: opcode, final: piece.kind & 16 != 0, payload: piece.bytes)) != nil
            else { return }
        }
    }
}

/// An input as a list: a byte of the kind, two of the length, and so many bytes.
struct Pieces: Sequence, IteratorProtocol {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func next() -> (kind: UInt8, bytes: [UInt8])? {
        let header = rest.prefix(3)
        guard let kind = header.first, header.count == 3 else { return nil }
        let count = Int(header[header.startIndex + 1]) << 8 | Int(header[header.startIndex + 2])
        defer { rest = rest.dropFirst(3 + count) }
        return (kind, Array(rest.dropFirst(3).prefix(count)))
    }
}
