package import Objects
import SystemPackage
package import Testing

/// What every `ObjectReader` does, whatever it reads from. Whoever tests one puts `samples` where it reads and runs `check`.
package enum ObjectReaderSuite {
    /// Objects of every kind and awkward size: empty, one byte, microdata, text, bytes that are no text, several pieces long.
    package static let samples: [[UInt8]] = [
        [],
        [0],
        Array(#"<div itemscope itemtype="//refin.io/Person"><span itemprop="email">a@b.example</span></div>"#.utf8),
        Array("Grüße\n".utf8),
        (0...255).map { UInt8($0) },
        SeededRandom(seed: 1).bytes(256 * 1024),
        SeededRandom(seed: 2).bytes(600_001),
    ]

    /// The name of no sample.
    package static let absent = ObjectHash(of: Array("never stored anywhere".utf8))

    package static func check(_ reader: some ObjectReader, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        for bytes in samples {
            try await checkBytes(of: reader, bytes, sourceLocation)
            try await checkRanges(of: reader, bytes, sourceLocation)
            try checkDescriptor(of: reader, bytes, sourceLocation)
        }
        try await checkAbsent(reader, sourceLocation)
        try await checkConcurrency(of: reader, sourceLocation)
    }

    private static func checkBytes(
        of reader: some ObjectReader, _ bytes: [UInt8], _ sourceLocation: SourceLocation
    ) async throws {
        let hash = ObjectHash(of: bytes)
        let count = try await reader.byteCount(of: hash)
        #expect(count == bytes.count, sourceLocation: sourceLocation)
        let isSame = try await reader.bytes(of: hash) == bytes
        #expect(isSame, "exact bytes of \(bytes.count)", sourceLocation: sourceLocation)
    }

    /// A range is cut at the end, never short before it; one beyond the end is empty.
    private static func checkRanges(
        of reader: some ObjectReader, _ bytes: [UInt8], _ sourceLocation: SourceLocation
    ) async throws {
        let (hash, count) = (ObjectHash(of: bytes), bytes.count)
        let ranges = [
            0..<0, 0..<1, 0..<count + 1, count / 3..<count / 2 + 1, count..<count, count..<count + 10,
            count + 5..<count + 9, max(0, count - 1)..<Int.max,
        ]
        for range in ranges {
            let isSame = try await reader.read(range, of: hash) == Array(bytes[range.clamped(to: 0..<count)])
            #expect(isSame, "\(range) of \(count) bytes", sourceLocation: sourceLocation)
        }
    }

    private static func checkDescriptor(
        of reader: some ObjectReader, _ bytes: [UInt8], _ sourceLocation: SourceLocation
    ) throws {
        guard let descriptor = try reader.openLocal(ObjectHash(of: bytes)) else { return }
        try descriptor.closeAfter {
            var buffer = [UInt8](repeating: 0, count: bytes.count + 1)
            let count = try buffer.withUnsafeMutableBytes { try descriptor.read(fromAbsoluteOffset: 0, into: $0) }
            let isSame = Array(buffer.prefix(count)) == bytes
            #expect(isSame, "open file of \(bytes.count) bytes", sourceLocation: sourceLocation)
            #expect(throws: Errno.badFileDescriptor, sourceLocation: sourceLocation) {
                try descriptor.writeAll([1])
            }
        }
    }

    private static func checkAbsent(_ reader: some ObjectReader, _ sourceLocation: SourceLocation) async throws {
        await #expect(throws: ObjectError.unknown, sourceLocation: sourceLocation) {
            try await reader.byteCount(of: absent)
        }
        await #expect(throws: ObjectError.unknown, sourceLocation: sourceLocation) {
            try await reader.read(0..<1, of: absent)
        }
        #expect(try reader.openLocal(absent) == nil, sourceLocation: sourceLocation)
    }

    private static func checkConcurrency(of reader: some ObjectReader, _ sourceLocation: SourceLocation) async throws {
        let bytes = samples[samples.count - 1]
        try await withThrowingTaskGroup { group in
            for _ in 0..<readerCount { group.addTask { try await reader.bytes(of: ObjectHash(of: bytes)) == bytes } }
            for try await isSame in group { #expect(isSame, sourceLocation: sourceLocation) }
        }
    }

    private static let readerCount = 32
}
