import Testing

@testable import Objects

/// Regular expressions mean what JavaScript makes of them: search, no partial characters, `$` only at the very end.
@Suite struct PatternTests {
    @Test(arguments: [
        ("^[A-Z]{2}-[0-9]+$", ["DE-1", "XX-007"], ["de-1", "DE-", "DE-1\n", "\nDE-1", "xDE-1"]),
        ("^[0-9a-f]{64}$", [String(repeating: "0f", count: 32)], [String(repeating: "0f", count: 32) + "0", "ab", ""]),
        ("^(undefined|[0-9a-f]{2})$", ["undefined", "0f"], ["undefined0f", "0g"]),
        ("^([0-9a-fA-F]{2})*$", ["", "0F", "0Fab"], ["0", "0g"]),
        ("^one.leute$", ["one.leute", "one-leute"], ["oneleute", "one\nleute", "one.leute "]),
        ("all|any", ["all", "xany", "anyall"], ["an", "ALL", ""]),
        ("a.c", ["abc", "xa-cx", "aéc"], ["a\nc", "a\rc", "a\u{2028}c", "ac", "a\u{1F600}c"]),
        ("^\\s*(\\S|\\s)*$", ["", " x y\n", "\u{FEFF}\u{2028}"], []),
        ("^\\d+\\.?\\d*$", ["1", "1.", "1.5"], ["", ".5", "١"]),
        ("^\\w+$", ["aZ_9"], ["é", "-", ""]),
        ("^[^\\d\\s]+$", ["ab-"], ["a1", "a b", ""]),
        ("[\\w-]+@[a-z]+?\\.de", ["x-y@b.de"], ["@b.de", "x@.de"]),
        ("^[\\]\\\\^-]+$", ["]\\^-"], ["a"]),
        ("^[a\\-z]$", ["a", "-", "z"], ["b"]),
        ("^[\\d-x]$", ["1", "-", "x"], ["y"]),
        ("^[^]$", ["a", "\n"], ["", "ab"]),
        ("[]", [], ["", "a"]),
        ("^a{2,3}$", ["aa", "aaa"], ["a", "aaaa"]),
        ("^a{2,}$", ["aa", "aaaaa"], ["a"]),
        ("^a{0}b{,2}$", ["b{,2}"], ["ab", "bb"]),
        ("^{a}$", ["{a}"], ["a"]),
        ("(?:ab)+c", ["ababc"], ["ac"]),
        ("^(?<year>\\d{4})$", ["2026"], ["26"]),
        ("\\bcat\\b", ["cat", "a cat."], ["cats", "scat"]),
        ("a\\Bb", ["ab"], ["a b"]),
        ("^(?!admin$)[a-z]+$", ["user", "admins"], ["admin"]),
        ("^(?=.*\\d)(?=.*[a-z]).+$", ["a1", "1a"], ["aa", "11"]),
        ("^\\x41\\u00e9\\t\\0\\cJ\\/$", ["A\u{E9}\t\0\n/"], ["A"]),
        ("^(a*)*$", ["", "aaaa"], ["b"]),
        ("^(a|b|)+$", ["", "abba"], ["c"]),
        ("^é$", ["é"], ["e\u{301}"]),
        ("^\u{1F600}$", ["\u{1F600}"], ["\u{1F601}"]),
        ("^..$", ["\u{1F600}", "ab"], ["a"]),
        ("", ["", "x"], []),
    ]) func matches(_ pattern: String, _ good: [String], _ bad: [String]) throws {
        let matcher = try PatternMatcher(Pattern(pattern))
        for text in good { #expect(matcher.matches(text), "\(pattern) \(text.debugDescription)") }
        for text in bad { #expect(!matcher.matches(text), "\(pattern) \(text.debugDescription)") }
    }

    @Test func flagsCount() throws {
        #expect(try PatternMatcher(Pattern("^.*$", flags: "s")).matches("a\nb"))
        #expect(try !PatternMatcher(Pattern("^.*$")).matches("a\nb"))
        #expect(try PatternMatcher(Pattern("^b$", flags: "m")).matches("a\nb\nc"))
        #expect(try PatternMatcher(Pattern("^[a-c]É$", flags: "i")).matches("Bé"))
        #expect(try !PatternMatcher(Pattern("^[^b]$", flags: "i")).matches("B"))
        #expect(try PatternMatcher(Pattern("^.$", flags: "u")).matches("\u{1F600}"))
        #expect(try PatternMatcher(Pattern("^\\u{1F600}$", flags: "u")).matches("\u{1F600}"))
    }

    @Test(arguments: [
        "(", ")", "a)", "[a", "*", "a**", "(?<=a)b", "(?<!a)b", "(a)\\1", "\\k<a>", "[z-a]", "a{3,2}", "a{1001}",
        "(?x)", "\\", "\\p{L}", "(?=a(?!b))", "((a{1000}){1000}){1000}",
    ]) func whatIsNotSupportedIsRefused(_ pattern: String) {
        #expect(throws: MicrodataError.self) { try PatternMatcher(Pattern(pattern)) }
        var book = RecipeBook()
        let recipe = Recipe(name: "T", rules: [Recipe.Rule("x", .string(pattern: Pattern(pattern)))])
        #expect(throws: MicrodataError.self) { try book.register(recipe) }
        #expect(book["T"] == nil)
    }

    @Test func deepGroupsAreRefusedNotOverflowed() {
        let pattern = String(repeating: "(", count: 100_000) + String(repeating: ")", count: 100_000)
        #expect(throws: MicrodataError.self) { try PatternMatcher(Pattern(pattern)) }
    }

    /// Would not end in an engine that tries one way after the other.
    @Test(arguments: ["^(a+)+$", "^(a|a)*$", "(a*)*b", "(.*)(.*)(.*)(.*)x"]) func noTextTakesLong(_ pattern: String)
        throws
    {
        #expect(try !PatternMatcher(Pattern(pattern)).matches(String(repeating: "a", count: 2_000) + "!"))
    }

    /// A pattern decides about the value itself, not about its escaped text.
    @Test func thePatternSeesTheRawValue() throws {
        var book = RecipeBook()
        try book.register(Recipe(name: "T", rules: [Recipe.Rule("x", .string(pattern: "^<&>$"))]))
        let bytes = try Microdata.bytes(of: OneObject("T", [("x", .string("<&>"))]), book)
        #expect(try Microdata.object(from: bytes, book)["x"] == .string("<&>"))
        #expect(throws: MicrodataError.self) { try Microdata.bytes(of: OneObject("T", [("x", .string("&lt;"))]), book) }
    }
}
