import Foundation

/// A session at a shell as a document shows it: what follows `$ ` is typed, and the lines up to the next are printed.
///
/// In what is printed `…` stands for whatever differs from time to time within a line, and a line of nothing else for any
/// lines, or none.
struct ShellSession {
    struct Step {
        /// As it is typed.
        var line: String
        var output: [String]
    }

    static let gap = "…"
    private static let prompt = "$ "
    private static let fence = "```"

    private(set) var steps: [Step] = []

    /// The first block of the language `console` in a Markdown text.
    init(in text: String) {
        var isInside = false
        for line in text.components(separatedBy: "\n") {
            if line == Self.fence + "console" {
                isInside = true
            } else if line == Self.fence, isInside {
                return
            } else if isInside, line.hasPrefix(Self.prompt) {
                steps.append(Step(line: String(line.dropFirst(Self.prompt.count)), output: []))
            } else if isInside, !steps.isEmpty {
                steps[steps.count - 1].output.append(line)
            }
        }
    }
}

extension ShellSession.Step {
    /// Whether this is what the document says.
    func isPrinted(by actual: String) -> Bool {
        var lines = actual.components(separatedBy: "\n")
        if lines.last == "" { lines.removeLast() }
        return Self.matches(output[...], lines[...])
    }

    private static func matches(_ expected: ArraySlice<String>, _ actual: ArraySlice<String>) -> Bool {
        guard let first = expected.first else { return actual.isEmpty }
        if first.trimmingCharacters(in: .whitespaces) == ShellSession.gap {
            return (actual.startIndex...actual.endIndex).contains { matches(expected.dropFirst(), actual[$0...]) }
        }
        guard let line = actual.first, matches(first, line) else { return false }
        return matches(expected.dropFirst(), actual.dropFirst())
    }

    private static func matches(_ expected: String, _ line: String) -> Bool {
        let parts = expected.components(separatedBy: ShellSession.gap).map(NSRegularExpression.escapedPattern(for:))
        return line.range(of: "^" + parts.joined(separator: ".+") + "$", options: .regularExpression) != nil
    }
}
