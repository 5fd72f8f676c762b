package import Objects

/// The services of a contact's exporter, typed (one-protocol 4.3).
package struct ChumClient: Sendable {
    let calls: Calls
    /// The name of the other side, for errors.
    package let peer: String
    let transfers: TransferCounters

    func protocolVersion() async throws(CallError) -> Int? {
        try await calls.call(ChumService.protocolVersion, []).integer
    }

    /// The text of the answer, by which a list that has not changed is told quickly.
    func rootsText() async throws(CallError) -> String {
        guard let text = try await calls.call(ChumService.accessibleRoots, []).string else {
            throw .violated("roots that are none")
        }
        return text
    }

    /// What this instance may have.
    package func roots() async throws(CallError) -> [AccessibleRoot] { try Self.roots(from: try await rootsText()) }

    static func roots(from text: String) throws(CallError) -> [AccessibleRoot] {
        guard let roots = AccessibleRoot.roots(from: text) else { throw .violated("roots that are none") }
        return roots
    }

    /// All that something leads to; from then on it can be asked for.
    package func children(of root: ObjectChild) async throws(CallError) -> [ObjectChild] {
        let service = root.kind == .id ? ChumService.idObjectChildren : ChumService.objectChildren
        let answer = try await calls.call(service, [.string(root.hash.hex)])
        guard let children = answer.string.flatMap(ObjectChild.children(from:)) else {
            throw .violated("children that are none")
        }
        return children
    }

    /// The bytes of an object, an ID object or a clob, verified.
    package func bytes(of child: ObjectChild) async throws(CallError) -> [UInt8] {
        let bytes: [UInt8]
        switch child.kind {
        case .object, .id:
            let service = child.kind == .id ? ChumService.idObject : ChumService.object
            guard let text = try await calls.call(service, [.string(child.hash.hex)]).string else {
                throw .violated("microdata that is none")
            }
            guard text.utf8.count <= ChumService.objectByteCountMax else { throw Self.tooLarge }
            bytes = Array(text.utf8)
        case .clob, .blob: bytes = try await text(of: child.hash)
        }
        guard bytes.count <= ChumService.objectByteCountMax else { throw Self.tooLarge }
        guard ObjectHash(of: bytes) == child.hash else { throw .wrongBytes(of: child.hash, from: peer) }
        transfers.addObject(.received)
        transfers.add(byteCount: bytes.count, .received)
        return bytes
    }

    private static let tooLarge = CallError.violated("an object that is too large")

    private func text(of hash: ObjectHash) async throws(CallError) -> [UInt8] {
        let stream = try await calls.stream(ChumService.blob, [.string(hash.hex), .string("utf8")])
        var bytes: [UInt8] = []
        while let chunk = try await stream.next() {
            switch chunk {
            case .text(let text): bytes += text.utf8
            case .bytes(let piece): bytes += piece
            }
            guard bytes.count <= ChumService.objectByteCountMax else { throw .violated("a clob that is too large") }
        }
        return bytes
    }

    /// The bytes of a blob as they come; not verified.
    package func blob(_ hash: ObjectHash) async throws(CallError) -> BlobStream {
        let stream = try await calls.stream(ChumService.blob, [.string(hash.hex), .undefined])
        return BlobStream(stream: stream, hash: hash, client: self)
    }
}

/// The bytes of one blob, piece after piece; for one task.
///
/// Where the other side sends nothing at all, as the reference does by mistake, it is asked once more for text.
package final class BlobStream {
    private var stream: InboundStream
    private let hash: ObjectHash
    private let client: ChumClient
    private var byteCount = 0
    private var isText = false

    init(stream: InboundStream, hash: ObjectHash, client: ChumClient) {
        (self.stream, self.hash, self.client) = (stream, hash, client)
    }

    /// nil at the end.
    package func next() async throws(CallError) -> [UInt8]? {
        while true {
            let piece: [UInt8]
            switch try await stream.next() {
            case .bytes(let bytes): piece = bytes
            case .text(let text): piece = Array(text.utf8)
            case nil:
                guard byteCount == 0, !isText, hash != Self.emptyHash else {
                    client.transfers.addObject(.received)
                    return nil
                }
                isText = true
                let arguments: [JSONValue] = [.string(hash.hex), .string("utf8")]
                stream = try await client.calls.stream(ChumService.blob, arguments)
                continue
            }
            byteCount += piece.count
            client.transfers.add(byteCount: piece.count, .received)
            if !piece.isEmpty { return piece }
        }
    }

    private static let emptyHash = ObjectHash(of: [UInt8]())
}
