import Foundation
import Objects
import Testing

@Suite struct ObjectHashTests {
    /// FIPS 180-4's examples.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ]) func hashesAreSHA256(_ text: String, _ hex: String) throws {
        let hash = ObjectHash(of: Array(text.utf8))
        #expect(hash.hex == hex && hash.description == hex)
        #expect(ObjectHash(hex: hex) == hash)
        #expect(ObjectHash(hex: Array(hex.utf8)[...]) == hash)
        #expect(ObjectHash(bytes: hash.bytes) == hash)
        #expect(Hex.text(hash.bytes) == hex && Hex.bytes(hex) == hash.bytes)
        #expect((0..<32).map { hash[$0] } == hash.bytes)
        #expect(try JSONDecoder().decode(ObjectHash.self, from: JSONEncoder().encode(hash)) == hash)
    }

    @Test func bytesMayComeInPieces() {
        let bytes = SeededRandom(seed: 3).bytes(10_000)
        var hasher = SHA256()
        for piece in stride(from: 0, to: bytes.count, by: 777) {
            hasher.update(bytes[piece..<min(piece + 777, bytes.count)])
        }
        #expect(hasher.finish() == ObjectHash(of: bytes))
    }

    @Test func otherTextsAreRefused() {
        let hex = ObjectHash(of: []).hex
        for text in [
            "", String(hex.dropLast()), hex + "0", hex.uppercased(), "g" + hex.dropFirst(), hex + "\n",
            "é" + hex.dropFirst(2),
        ] {
            #expect(ObjectHash(hex: text) == nil)
        }
        #expect(ObjectHash(bytes: [UInt8](repeating: 0, count: 31)) == nil)
        #expect(ObjectHash(bytes: [UInt8](repeating: 0, count: 33)) == nil)
        for text in ["0", "0G", "0x", "AB", "é"] { #expect(Hex.bytes(text) == nil) }
        #expect(Hex.bytes("") == [])
    }

    @Test func theOrderIsThatOfTheText() {
        let hashes = (0..<200).map { ObjectHash(of: [UInt8($0)]) }
        #expect(hashes.sorted().map(\.hex) == hashes.map(\.hex).sorted())
    }
}

@Suite struct ObjectKindTests {
    private func kind(_ bytes: [UInt8]) -> (ObjectKind, String?) { ObjectKind.sniff(prefix: bytes) }

    @Test func theBeginningTellsTheKind() {
        #expect(kind(Array(#"<div itemscope itemtype="//refin.io/Person"><span"#.utf8)) == (.one, "Person"))
        #expect(kind(Array(#"<div data-id-object="true" itemscope itemtype="//refin.io/é 1">"#.utf8)) == (.id, "é 1"))
        for text in [
            "", "hello", "é", #"<div itemscope itemtype="//refin.io/">"#, #"<div itemscope itemtype="//refin.io/A" "#,
        ] {
            #expect(kind(Array(text.utf8)) == (.clob, nil), "\(text)")
        }
        for bytes: [UInt8] in [[0xFF], [0xE2, 0x82], [0x61, 0xC3]] { #expect(kind(bytes) == (.blob, nil)) }
    }

    /// A character that the cut at 257 bytes splits is no sign of other bytes than text.
    @Test func aCutCharacterIsIgnored() {
        for character in ["é", "€", "\u{1F600}"] {
            let text = Array((String(repeating: "a", count: 255) + character + character).utf8)
            for byteCount in 256...text.count {
                let object = KnownObject(hash: ObjectHash(of: text), bytes: text[..<byteCount])
                #expect(object.kind == .clob || byteCount < ObjectKind.sniffByteCount, "\(character) \(byteCount)")
            }
        }
        let text = [UInt8](repeating: 0x61, count: 255)
        for bytes: [UInt8] in [
            [0x61, 0xFF], [0x61, 0x80], [0xC3, 0x61], [0xE0, 0x80], [0xED, 0xA0], [0xC3, 0xC0],
        ] {
            #expect(kind(text + bytes) == (.blob, nil), "\(bytes)")
        }
        #expect(
            kind([UInt8](repeating: 0x61, count: 250) + [0xFF] + [UInt8](repeating: 0x61, count: 6)) == (.blob, nil)
        )
    }

    @Test func everyObjectOfADirectoryIsWhatItsTypeSays() throws {
        for file in try Fixtures.objects("one-store/alice") {
            let known = KnownObject(hash: ObjectHash(of: file.bytes), bytes: file.bytes)
            #expect(known.byteCount == file.bytes.count)
            let isMicrodata =
                file.bytes.starts(with: "<div itemscope".utf8) || file.bytes.starts(with: "<div data-id".utf8)
            #expect((known.type != nil) == isMicrodata)
        }
    }
}
