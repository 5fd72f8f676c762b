import Objects
import Testing

@Suite struct NameTests {
    static let hostile: [String] = [
        "", ".", "..", "...", "/", "a/b", "../../etc/passwd", "-rf", "--help", " ", "  x  ", "x.", "x ", "x. .",
        "\u{0}",
        "a\u{0}b", "\n", "a\nb", "\u{1B}[31mred", "\u{7F}", "\u{9B}31m", "\u{202E}gpj.exe", "a\u{2066}b", "\u{2028}",
        "a\u{200B}b", "\u{FEFF}x", "a\u{200D}b", "\u{3164}", "e\u{301}", "\u{FFFE}", ".iom", ".hidden", "CON",
        String(repeating: "😀", count: 300), String(repeating: "a", count: 300),
        String(repeating: "ä", count: 200) + ".jpeg",
        "e" + String(repeating: "\u{301}", count: 5000), String(repeating: ".", count: 300),
        "x." + String(repeating: "e", count: 400),
        String(repeating: "a/", count: 10_000), "👨‍👩‍👧‍👦", "می‌خواهم", "beach ~a1b2c3d4.jpg", "\u{E0041}\u{E007F}",
    ]

    @Test(arguments: hostile)
    func anyTextGivesASafeName(text: String) {
        for name in [EntryName.title(text), EntryName.file(text)] {
            #expect((1...255).contains(name.utf8.count))
            #expect(name != "." && name != "..")
            #expect(!name.hasPrefix("-") && !name.hasSuffix(" ") && !name.hasSuffix("."))
            for scalar in name.unicodeScalars {
                #expect(scalar != "/" && scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value))
                #expect(!(0x202A...0x202E).contains(scalar.value) && !(0x2066...0x2069).contains(scalar.value))
                #expect(![0x2028, 0x2029, 0x200B, 0xFEFF].contains(scalar.value))
            }
            #expect(EntryName.file(name) == name || EntryName.title(name) == name, "a safe name stays")
        }
        #expect(!EntryName.title(text).hasPrefix("."))
    }

    @Test func goodNamesStayAsTheyAre() {
        for name in ["beach.jpg", "Projekt Ü – Gruppe", "👨‍👩‍👧‍👦", "می‌خواهم", "❤️.png", "a b (1).tar.gz", "C#", "50 %", "日本"] {
            #expect(EntryName.title(name) == name)
            #expect(EntryName.file(name) == name)
        }
        #expect(EntryName.file(".bashrc") == ".bashrc")
    }

    @Test func namesAreComposed() {
        #expect(EntryName.title("e\u{301}").utf8.elementsEqual("é".utf8))
    }

    @Test func unsafeCharactersAreVisible() {
        #expect(EntryName.file("a/b\nc\u{1B}d") == "a_b_c_d")
        #expect(EntryName.file("..") == "__")
        #expect(EntryName.title(".git") == "_git")
        #expect(EntryName.file("-rf") == "_rf")
    }

    @Test func longNamesKeepTheirExtensionAndWholeCharacters() {
        let name = EntryName.file(String(repeating: "👨‍👩‍👧‍👦", count: 20) + ".jpeg")
        #expect(name.hasSuffix("👨‍👩‍👧‍👦.jpeg"))
        #expect(name.utf8.count > 220 && name.utf8.count <= 255)
    }

    @Test func ofTwinsTheFirstHasTheNameWhateverTheOrder() {
        let claims = (0..<20).map { index in
            NameClaim(
                number: EntryNumber(100 + index),
                time: Double(index / 2),
                hash: ObjectHash(of: Array("\(index)".utf8))
            )
        }
        let names = EntryName.names(wanting: "beach.jpg", claims)
        #expect(names == EntryName.names(wanting: "beach.jpg", claims.reversed()))
        #expect(Set(names.values).count == claims.count)
        let first = [claims[0], claims[1]].min { $0.hash < $1.hash }
        for claim in claims {
            let isFirst = claim.number == first?.number
            let expected = isFirst ? "beach.jpg" : "beach ~\(claim.hash.hex.prefix(8)).jpg"
            #expect(names[claim.number] == expected)
        }
    }

    @Test func twinsOfTheSameBytesDiffer() {
        let hash = ObjectHash(of: [1])
        let names = EntryName.names(wanting: "x", (1...4).map { NameClaim(number: $0, time: 0, hash: hash) })
        #expect(Set(names.values).count == 4)
        #expect(names[1] == "x")
    }

    @Test func aNameThatLooksToldApartIsNotTakenFromATwin() {
        let twin = NameClaim(number: 2, time: 1, hash: ObjectHash(of: [2]))
        let twins = EntryName.names(wanting: "x", [NameClaim(number: 1, time: 0, hash: ObjectHash(of: [1])), twin])
        let impostor = twins[2] ?? ""
        let names = EntryName.names(wanting: impostor, [NameClaim(number: 3, time: -5, hash: ObjectHash(of: [3]))])
        #expect(names[3] != impostor)
    }

    @Test func longTwinsFit() {
        let base = EntryName.file(String(repeating: "ü", count: 300) + ".png")
        let claims = (1...3).map { NameClaim(number: EntryNumber($0), time: 0, hash: ObjectHash(of: [UInt8($0)])) }
        let names = EntryName.names(wanting: base, claims)
        #expect(Set(names.values).count == 3)
        for name in names.values { #expect(name.utf8.count <= 255 && name.hasSuffix(".png")) }
    }
}
