import Objects

/// Writes object records into a stream; small ones share a chunk.
struct ObjectRecordWriter {
    static let pieceByteCount = 4 * StreamWriter.chunkByteCountMax

    private let stream: StreamWriter
    /// nil: everything goes as it is.
    private let deflater: Deflater?
    private let isLinkSlow: Bool
    private let transfers: TransferCounters
    private var buffer: [UInt8] = []

    init(stream: StreamWriter, deflater: Deflater?, isLinkSlow: Bool, transfers: TransferCounters) {
        (self.stream, self.deflater, self.isLinkSlow) = (stream, deflater, isLinkSlow)
        self.transfers = transfers
    }

    /// nil: missing.
    mutating func write(_ hash: ObjectHash, _ object: ServedObject?) async throws {
        guard let object else {
            add(ObjectRecord.header(hash, kind: ObjectRecord.missingKind, byteCount: 0), deflating: false)
            return try await flushIfFull()
        }
        let header = ObjectRecord.header(hash, kind: object.kind.rawValue, byteCount: object.byteCount)
        var deflating: Bool?
        if object.byteCount == 0 { add(header, deflating: false) }
        var position = 0
        while position < object.byteCount {
            let next = min(position + Self.pieceByteCount, object.byteCount)
            let bytes = try object.read(position..<next)
            guard bytes.count == next - position else {
                throw CallFailure(message: "a file changed while it was read", code: ServiceCode.failed)
            }
            transfers.add(byteCount: bytes.count, .sent)
            let isWorthIt = deflating ?? isWorthDeflating(object.kind, bytes)
            deflating = isWorthIt
            if position == 0 { add(header, deflating: isWorthIt) }
            position = next
            if deflater == nil, bytes.count >= StreamWriter.chunkByteCountMax {
                // Large enough to go as it is.
                try await flush()
                try await stream.write(bytes)
            } else {
                add(bytes, deflating: isWorthIt)
                try await flushIfFull()
            }
        }
        transfers.addObject(.sent)
    }

    /// Judged by kind and the first bytes, not by trying.
    private func isWorthDeflating(_ kind: ObjectKind, _ bytes: [UInt8]) -> Bool {
        guard deflater != nil else { return false }
        switch kind {
        case .one, .id: return true
        case .clob, .blob: return isLinkSlow && Deflater.pays(for: bytes)
        }
    }

    private mutating func add(_ bytes: [UInt8], deflating: Bool) {
        if let deflater { deflater.add(bytes, deflating: deflating, to: &buffer) } else { buffer += bytes }
    }

    private mutating func flushIfFull() async throws {
        if buffer.count >= StreamWriter.chunkByteCountMax { try await flush() }
    }

    mutating func flush() async throws {
        deflater?.flush(to: &buffer)
        let bytes = buffer
        buffer.removeAll(keepingCapacity: true)
        try await stream.write(bytes)
    }
}
