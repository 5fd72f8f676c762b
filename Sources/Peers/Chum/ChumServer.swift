import Objects
import Synchronization

/// Reads the arguments of requests and writes the exporter's answers: the server side of `ChumClient`.
final class ChumServer: CallHandler {
    /// Bytes of a blob that are read at once.
    private static let pieceByteCount = 16 * StreamWriter.chunkByteCountMax
    /// Characters of a text stream are never split, so its chunks are cut on their own.
    private static let textChunkByteCount = 65_536

    private let exporter: Exporter
    private let peer: ChumPeer
    private let transfers: TransferCounters
    /// Lists may be as long as a message may be.
    private let listTurns = Permits(1)
    private let objectTurns = Permits(4)
    private let blobTurns = Permits(8)
    /// The other side wants nothing more.
    private let isOver = Atomic(false)

    init(exporter: Exporter, peer: ChumPeer, transfers: TransferCounters) {
        (self.exporter, self.peer, self.transfers) = (exporter, peer, transfers)
    }

    func turns(for call: IncomingCall) -> Permits? {
        switch call.service {
        case ChumService.accessibleRoots, ChumService.objectChildren, ChumService.idObjectChildren: listTurns
        case ChumService.object, ChumService.idObject: objectTurns
        case ChumService.blob: blobTurns
        default: nil
        }
    }

    func answer(_ call: IncomingCall) async throws -> Answer {
        let person = peer.personID
        guard !isOver.load(ordering: .relaxed) else { throw CallFailure.noService(call.service) }
        switch call.service {
        case ChumService.protocolVersion: return .data(.number(Double(ChumService.version)))
        case ChumService.accessibleRoots:
            return .data(.string(AccessibleRoot.text(of: try exporter.roots(for: person))))
        case ChumService.objectChildren: return try children(.object, call)
        case ChumService.idObjectChildren: return try children(.id, call)
        case ChumService.object:
            return try microdata(isID: false, call)
        case ChumService.idObject:
            return try microdata(isID: true, call)
        case ChumService.blob: return try await blob(call)
        case ChumService.end:
            isOver.store(true, ordering: .relaxed)
            return .data(.undefined)
        default: throw CallFailure.noService(call.service)
        }
    }

    private func children(_ kind: Reference.Kind, _ call: IncomingCall) throws -> Answer {
        let root = ObjectChild(kind, try Self.hash(call))
        return .data(.string(ObjectChild.text(of: try exporter.children(of: root, for: peer.personID))))
    }

    private func microdata(isID: Bool, _ call: IncomingCall) throws -> Answer {
        let text = try exporter.microdata(of: Self.hash(call), isID: isID, for: peer.personID)
        transfers.add(byteCount: text.utf8.count, .sent)
        transfers.addObject(.sent)
        return .data(.string(text))
    }

    private func blob(_ call: IncomingCall) async throws -> Answer {
        let hash = try Self.hash(call)
        try exporter.requireBlob(hash, for: peer.personID)
        let encoding = call.arguments.dropFirst().first ?? .undefined
        guard encoding == .undefined || encoding == .string("utf8") else {
            let name = (encoding.string ?? "").printable()
            throw CallFailure.chum("CES-GBL2", "Bad request: Invalid \"encoding\" parameter: \(name)")
        }
        let reader = exporter.source.reader
        let byteCount = try await reader.byteCount(of: hash)
        var rest: [UInt8] = []
        for start in stride(from: 0, to: byteCount, by: Self.pieceByteCount) {
            let piece = try await reader.read(start..<min(start + Self.pieceByteCount, byteCount), of: hash)
            transfers.add(byteCount: piece.count, .sent)
            if encoding == .undefined {
                try await call.stream.write(piece)
            } else {
                rest = try await write(text: rest + piece, isLast: start + piece.count >= byteCount, call.stream)
            }
        }
        transfers.addObject(.sent)
        return .streamed
    }

    /// Writes whole characters; returns what is left of the last one.
    private func write(text bytes: [UInt8], isLast: Bool, _ stream: StreamWriter) async throws -> [UInt8] {
        var start = 0
        while start < bytes.count {
            var end = min(start + Self.textChunkByteCount, bytes.count)
            if end < bytes.count || !isLast {
                while end > start, end == bytes.count || bytes[end] & 0xC0 == 0x80 { end -= 1 }
                guard end > start else { return Array(bytes[start...]) }
            }
            guard let text = String(validating: bytes[start..<end], as: UTF8.self) else {
                throw CallFailure.chum("CES-GBL2", "Bad request: the bytes are no UTF-8")
            }
            try await stream.write(text)
            start = end
        }
        return []
    }

    private static func hash(_ call: IncomingCall) throws -> ObjectHash {
        let text = call.arguments.first?.string ?? ""
        guard let hash = ObjectHash(hex: text) else { throw CallFailure.noHash(text) }
        return hash
    }
}
