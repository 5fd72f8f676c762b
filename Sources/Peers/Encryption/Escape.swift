/// Words a layer keeps for itself: any other text that starts with one gets an `x` at its end (one-protocol 1.4, 1.5).
enum Escape {
    static func escaped(_ text: String, word: String) -> String { starts(text, with: word) ? text + "x" : text }

    /// One scalar is removed, not one `Character`: what comes before the `x` may combine with it.
    static func unescaped(_ text: String, word: String) -> String {
        guard starts(text, with: word) else { return text }
        var text = text
        text.unicodeScalars.removeLast()
        return text
    }

    /// By bytes: `String` compares by canonical equivalence.
    static func starts(_ text: String, with word: String) -> Bool { text.utf8.starts(with: word.utf8) }

    static func equals(_ text: String, _ word: String) -> Bool { text.utf8.elementsEqual(word.utf8) }
}

/// Keepalives (one-protocol 1.4): a text of one word when nothing else was to be said.
package enum Keepalive {
    package static let word = "keepalive"
    /// After this time without having sent anything a side sends the word.
    package static let interval = Duration.seconds(20)
    /// After this time without having received anything a side closes.
    package static let silenceMax = Duration.seconds(25)

    package static func outgoing(_ text: String) -> String { Escape.escaped(text, word: word) }

    /// nil for a keepalive.
    package static func incoming(_ text: String) -> String? {
        Escape.equals(text, word) ? nil : Escape.unescaped(text, word: word)
    }
}
