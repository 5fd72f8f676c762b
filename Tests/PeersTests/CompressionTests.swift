import Objects
import Synchronization
import Testing

@testable import Peers

/// Answers that are compressed on their way.
@Suite(.timeLimit(.minutes(5))) struct CompressionTests {
    /// Messages as alike as messages are.
    private static let messages = (0..<500).map { number in
        Array("<div itemscope><span itemprop=\"text\">Message number \(number) to you all</span></div>".utf8)
    }

    private func inflate(_ chunks: [[UInt8]]) throws -> [UInt8] {
        let inflater = Inflater()
        var bytes: [UInt8] = []
        for chunk in chunks {
            inflater.push(chunk)
            while let piece = try inflater.next() { bytes += piece }
        }
        return bytes
    }

    @Test func whatIsFlushedCanBeReadAndAltersNothing() throws {
        let deflater = Deflater()
        let random = SeededRandom(seed: 1)
        var (chunks, plain): ([[UInt8]], [UInt8]) = ([], [])
        for round in 0..<200 {
            var chunk: [UInt8] = []
            for part in [Self.messages[round], random.bytes(round * 37), [], [UInt8](repeating: 7, count: 100_000)] {
                deflater.add(part, deflating: random.number(below: 3) > 0, to: &chunk)
                plain += part
            }
            deflater.flush(to: &chunk)
            chunks.append(chunk)
            if round % 50 == 0 { #expect(try inflate(chunks) == plain) }
        }
        #expect(try inflate(chunks) == plain)
    }

    @Test func oneStreamMakesAThirdOfMessages() {
        let deflater = Deflater()
        var output: [UInt8] = []
        for message in Self.messages { deflater.add(message, deflating: true, to: &output) }
        deflater.flush(to: &output)
        #expect(output.count * 3 < Self.messages.reduce(0) { $0 + $1.count })
    }

    @Test func textPaysAndNoiseDoesNot() {
        #expect(Deflater.pays(for: Self.messages.prefix(20).flatMap { $0 }))
        #expect(!Deflater.pays(for: SeededRandom(seed: 2).bytes(5000)))
        // An image begins with words about it.
        let words = Self.messages.prefix(5).flatMap { $0 }
        #expect(!Deflater.pays(for: words + SeededRandom(seed: 2).bytes(20 * words.count)))
        #expect(!Deflater.pays(for: Self.messages[0].prefix(30).map { $0 }))
    }

    /// However much a few bytes inflate to, it comes in pieces that are asked for.
    @Test func aBombComesInPieces() throws {
        let deflater = Deflater()
        var bomb: [UInt8] = []
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        for _ in 0..<64 { deflater.add(zeros, deflating: true, to: &bomb) }
        deflater.flush(to: &bomb)
        #expect(bomb.count < 1 << 20)
        let inflater = Inflater()
        inflater.push(bomb)
        var byteCount = 0
        while let piece = try inflater.next() {
            #expect(piece.count <= Inflater.pieceByteCountMax)
            byteCount += piece.count
        }
        #expect(byteCount == 64 << 20)
    }

    @Test func damageIsNoticed() throws {
        let deflater = Deflater()
        var stream: [UInt8] = []
        for message in Self.messages.prefix(50) { deflater.add(message, deflating: true, to: &stream) }
        deflater.flush(to: &stream)
        let plain = Self.messages.prefix(50).flatMap { $0 }
        var noticed = 0
        for index in stream.indices {
            var damaged = stream
            damaged[index] ^= 0x10
            // Some damage gives other bytes, which their hash gives away.
            do { if try inflate([damaged]) != plain { noticed += 1 } } catch { noticed += 1 }
        }
        #expect(noticed > stream.count * 9 / 10)
    }

    /// The same objects come whether both compress, one of them, or none; and fewer bytes where both do.
    @Test(arguments: [true, false], [true, false]) func objectsComeEitherWay(_ here: Bool, _ there: Bool) async throws {
        let owner = TestInstance.Owner(seed: 1)
        let features = [Compression.feature]
        let archive = try TestInstance("archive", owner: owner, seed: 2, features: there ? features : [])
        archive.kind = .one
        let laptop = try TestInstance("laptop", owner: owner, seed: 3)
        let hashes = Self.messages.map { archive.store($0) }
        let byteCount = Self.messages.reduce(0) { $0 + $1.count }
        try await meet(laptop, archive, over: .memory) { session in
            let own = Hello(name: "laptop", role: "cache", features: here ? features : [], feed: "")
            _ = try await session.client.hello(own)
            let before = session.byteCounts.received
            var found: [ObjectHash: [UInt8]] = [:]
            for try await object in try await session.client.objects(hashes, requester: "test") {
                if case .object(let hash, _, let bytes) = object { found[hash] = bytes }
            }
            #expect(found.count == hashes.count)
            for (hash, message) in zip(hashes, Self.messages) { #expect(found[hash] == message) }
            let moved = session.byteCounts.received - before
            // Hashes do not become fewer.
            let hashByteCount = 32 * hashes.count
            if here && there {
                #expect(moved < hashByteCount + byteCount / 3 + 8_000)
            } else {
                #expect(moved > hashByteCount + byteCount)
            }
        }
    }

    /// A member that sends what does not inflate is told so, and no more of it is taken.
    @Test func aCompressedAnswerThatIsNoneIsAViolation() async throws {
        let (archive, laptop) = try TestInstance.pair()
        let hashes = Self.messages.prefix(20).map { archive.store($0) }
        try await meet(laptop, archive, over: .memory) { session in
            // The archive does not know of compression and answers plainly, though it is asked.
            session.client.features.agree([Compression.feature], [Compression.feature])
            let arguments: [JSONValue] = [.array(hashes.map { .string($0.hex) }), .string("test")]
            let stream = try await session.client.calls.stream(ServiceNumber.objectRequest, arguments)
            let objects = FetchedObjects(
                parts: ObjectStream(stream: stream, requested: hashes, peer: "archive", isDeflated: true)
            )
            await #expect(throws: CallError.self) { for try await _ in objects {} }
        }
    }

    @Test func aLinkIsSlowWhenItTakesLongForMuch() {
        let speed = LinkSpeed()
        #expect(!speed.isSlow)
        for _ in 0..<10 { speed.note(byteCount: 65_536, in: .seconds(1)) }
        // Not enough to tell.
        #expect(!speed.isSlow)
        for _ in 0..<10 { speed.note(byteCount: 65_536, in: .seconds(1)) }
        #expect(speed.isSlow)
        for _ in 0..<1000 { speed.note(byteCount: 65_536, in: .microseconds(200)) }
        #expect(!speed.isSlow)
    }
}
