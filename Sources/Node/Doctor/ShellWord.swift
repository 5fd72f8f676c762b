import SystemPackage

/// A word of a command line that people copy into a shell.
enum ShellWord {
    private static let plain = Set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@%,=".unicodeScalars
    )

    /// The text as one word, quoted if need be.
    static func quoted(_ text: String) -> String {
        if !text.isEmpty, text.unicodeScalars.allSatisfy(plain.contains) { return text }
        let inner = text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
        return "'\(inner)'"
    }

    static func quoted(_ path: FilePath) -> String { quoted(path.string) }
}
