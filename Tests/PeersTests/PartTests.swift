import Objects
import TestSupport
import Testing

@testable import Peers

/// The small parts, each on its own.
@Suite(.timeLimit(.minutes(5))) struct PartTests {
    @Test func endpoints() {
        #expect(Endpoint(url: "ws://192.0.2.10:8765") == Endpoint(host: "192.0.2.10", port: 8765))
        #expect(Endpoint(url: "WS://Home.Example/a?b=c#d") == Endpoint(host: "home.example", port: 80, path: "/a?b=c"))
        #expect(Endpoint(url: "ws://[2001:db8::1]:9/")?.authority == "[2001:db8::1]:9")
        #expect(Endpoint(url: "ws://[2001:db8::1]")?.port == 80)
        for url in ["", "http://a", "ws://", "ws://:1", "ws://a:0", "ws://a:65536", "ws://a:x", "ws://a b"] {
            #expect(Endpoint(url: url) == nil, "\(url)")
        }
    }

    @Test func theOldestStrangersMakeRoom() {
        var table = PendingTable()
        for number in 0..<PendingTable.countPerAddressMax {
            #expect(table.admit(address: "a") == (number, nil))
        }
        #expect(table.admit(address: "a").evicted == 0)
        for _ in PendingTable.countPerAddressMax..<PendingTable.countMax {
            #expect(table.admit(address: "b").evicted == nil)
        }
        #expect(table.admit(address: "c").evicted == 1)
        #expect(table.count == PendingTable.countMax)
        table.remove(2)
        table.remove(2)
        #expect(table.admit(address: "c").evicted == nil)
    }

    @Test func changeLines() throws {
        let hash = ObjectHash(of: [1])
        let items = [
            FeedBatch.Item(sequence: 1, change: .head(IDHash(hash), node: hash)),
            FeedBatch.Item(
                sequence: .max,
                change: .object(KnownObject(hash: hash, kind: .one, type: "Ty\"pe\n", byteCount: 7), held: false)
            ),
            FeedBatch.Item(
                sequence: 0,
                change: .object(KnownObject(hash: hash, kind: .blob, type: nil, byteCount: 0), held: true)
            ),
        ]
        for item in items {
            let line = ChangeLine.change(item)
            #expect(!line.text.contains("\n"))
            #expect(ChangeLine(text: line.text) == line)
        }
        let wrongs = [
            "", "{}", "{\"sequence\":1}", "{\"sequence\":-1,\"id\":\"\(hash)\",\"node\":\"\(hash)\"}",
            "{\"sequence\":1,\"hash\":\"\(hash)\",\"kind\":9,\"byteCount\":1,\"held\":true}",
            "{\"sequence\":1,\"hash\":\"\(hash)\",\"kind\":0,\"byteCount\":-1,\"held\":true}",
            "{\"sequence\":1,\"hash\":\"\(hash.hex.uppercased())\",\"kind\":0,\"byteCount\":1,\"held\":true}",
        ]
        for wrong in wrongs { #expect(ChangeLine(text: wrong) == nil, "\(wrong)") }
    }

    @Test func objectRecordsHoweverTheyAreCut() throws {
        let objects: [[UInt8]] = [[], [1], SeededRandom(seed: 1).bytes(100)]
        let absent = ObjectHash(of: [9])
        var wire = ObjectRecord.header(absent, kind: ObjectRecord.missingKind, byteCount: 0)
        for object in objects {
            wire += ObjectRecord.header(ObjectHash(of: object), kind: 3, byteCount: object.count) + object
        }
        let requested = objects.map { ObjectHash(of: $0) } + [absent]
        for size in [1, 2, 40, 41, 42, 1000] {
            let reader = ObjectRecordReader(requested: requested)
            var ends: [ObjectHash] = []
            for start in stride(from: 0, to: wire.count, by: size) {
                reader.push(Array(wire[start..<min(start + size, wire.count)]))
                while let part = try reader.next() { if case .end(let hash) = part { ends.append(hash) } }
            }
            try reader.finish()
            #expect(ends == objects.map { ObjectHash(of: $0) })
        }
        for count in 0..<wire.count {
            let reader = ObjectRecordReader(requested: requested)
            reader.push(Array(wire.prefix(count)))
            #expect(throws: CallError.self, "\(count)") {
                while try reader.next() != nil {}
                try reader.finish()
            }
        }
        // Clob or blob is the sender's word: the hash does not tell.
        let kinds = [73, 114, 156]
        for index in wire.indices where !kinds.contains(index) {
            let reader = ObjectRecordReader(requested: requested)
            var damaged = wire
            damaged[index] ^= 1
            reader.push(damaged)
            #expect(throws: CallError.self, "\(index)") {
                while let part = try reader.next() {
                    if case .wrong(let hash) = part { throw CallError.wrongBytes(of: hash, from: "p") }
                }
                try reader.finish()
            }
        }
    }

    @Test func closeReasonsAreHarmlessAndFit() {
        #expect(CloseReason.received("Terminate called: a\u{1b}[31mb\n\u{202e}c") == "a?[31mb??c")
        #expect(CloseReason.received("") == "closed")
        #expect(String(repeating: "é", count: 100).cut(byteCountMax: 123).utf8.count == 122)
        #expect(String(repeating: "é", count: 100).printable(byteCountMax: 20) == String(repeating: "é", count: 10))
    }

    @Test(arguments: Medium.allCases) func aPeerIsAnObjectReader(_ medium: Medium) async throws {
        let owner = TestInstance.Owner(seed: 1)
        let archive = try TestInstance("archive", owner: owner, seed: 2)
        for sample in ObjectReaderSuite.samples { archive.store(sample) }
        try await meet(try TestInstance("laptop", owner: owner, seed: 3), archive, over: medium) { session in
            try await ObjectReaderSuite.check(PeerReader(session.client))
        }
    }
}
