import Objects
import Testing

@testable import Peers

/// What one more message costs in a long conversation.
@Suite(.timeLimit(.minutes(2))) struct ChumNewsTests {
    private let mira: TestContact
    private let bo: TestContact

    init() throws {
        mira = try TestContact("mira", seed: 1)
        bo = try TestContact("bo", seed: 2)
    }

    /// Posts so many messages; returns the first entry.
    private func post(_ numbers: Range<Int>, on previous: ObjectHash?) throws -> ObjectHash? {
        var head = previous
        for number in numbers {
            let attachments = number.isMultiple(of: 50) ? [[0xFF, UInt8(number % 251)]] : []
            head = try mira.post("message \(number)", at: Double(number), attachments: attachments, on: head)
        }
        try mira.offer(channel: "club", head: head, at: Double(numbers.upperBound))
        return head
    }

    /// Bytes that come for some more messages after so many.
    private func cost(ofMore count: Int, after formerCount: Int) async throws -> Int {
        let former = try post(0..<formerCount, on: nil)
        return try await chum(bo, mira) { [mira, bo] session in
            let importer = Importer(client: session.client, target: bo, time: SystemTime())
            try await importer.once()
            #expect(bo.heads == mira.heads)
            let before = session.byteCounts.received
            _ = try post(formerCount..<formerCount + count, on: former)
            try await importer.once()
            let cost = session.byteCounts.received - before
            #expect(bo.heads == mira.heads && bo.troubles.isEmpty)
            let missing = mira.objects.filter { hash, bytes in
                bo.objects[hash] == nil && KnownObject(hash: hash, bytes: bytes).kind != .blob
            }
            #expect(missing.count == 0)
            return cost
        }
    }

    @Test(arguments: [10, 1_000]) func `One more message costs what is new, however long the conversation`(
        _ count: Int
    ) async throws {
        let cost = try await cost(ofMore: 1, after: count)
        #expect(cost < 8_000, "\(cost)")
    }

    @Test(arguments: [5, 60, 300]) func `Many more come, too`(_ more: Int) async throws {
        _ = try await cost(ofMore: more, after: 100)
    }

    @Test func `What was taken back is not served by what refers to it`() async throws {
        let head = try post(0..<3, on: nil)
        let roots = mira.roots
        try await chum(bo, mira) { [mira] session in
            let client = session.client
            _ = try await client.roots()
            guard let root = roots.last else { return }
            let node = ObjectChild(.object, root.hash)
            let bytes = try await client.bytes(of: node)
            let data = try #require(try Microdata.references(in: bytes, .standard).first)
            // It was never listed.
            _ = try await client.bytes(of: ObjectChild(.object, data.hash))
            let entry = ObjectChild(.object, try #require(head))
            _ = try await client.bytes(of: entry)
            mira.roots = []
            _ = try await client.roots()
            for child in [node, entry] {
                await #expect(throws: CallError.self) { _ = try await client.bytes(of: child) }
            }
        }
    }
}
