/// What arrives in one piece of a streamed text: lines of JSON.
package protocol LineBatch: Sendable {
    /// Reads the lines without their ends; one that is none of its kind is a violation.
    init(lines: some Sequence<Substring>) throws(CallError)
}

/// Batches of lines as they arrive, until the connection ends; for one reader.
package struct LineStream<Batch: LineBatch>: AsyncSequence, Sendable {
    package typealias Element = Batch
    package typealias Failure = CallError

    let stream: InboundStream

    package func makeAsyncIterator() -> Iterator { Iterator(stream: stream) }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let stream: InboundStream

        package mutating func next() async throws(CallError) -> Batch? { try await next(isolation: #isolation) }

        package mutating func next(isolation: isolated (any Actor)?) async throws(CallError) -> Batch? {
            switch try await stream.next() {
            case .text(let text):
                try Batch(lines: text.utf8.split(separator: UInt8(ascii: "\n")).lazy.map { Substring($0) })
            case .bytes: throw .violated("bytes where a text was expected")
            case nil: nil
            }
        }
    }
}

extension StreamWriter {
    /// A chunk ends at the first line past this, well below where texts are cut into fragments.
    private static let lineChunkByteCountMax = 8 << 10

    /// Sends lines, as many as fit in a chunk; waits until the reader takes them.
    func write(lines: some Sequence<String>) async throws(CallError) {
        var chunk = ""
        for line in lines {
            chunk += line
            chunk += "\n"
            if chunk.utf8.count >= Self.lineChunkByteCountMax {
                try await write(chunk)
                chunk = ""
            }
        }
        if !chunk.isEmpty { try await write(chunk) }
    }
}
