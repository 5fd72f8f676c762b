import Foundation

/// What is printed: lines of JSON, or a table in Markdown.
struct Report: Sendable {
    let json: Bool
    let machine: Machine
    let scale: Scale.Name
    /// What rows have to say besides, each once.
    private var notes: [String] = []

    init(json: Bool, machine: Machine, scale: Scale.Name) {
        (self.json, self.machine, self.scale) = (json, machine, scale)
    }

    func begin() {
        if json { return print(line(["machine": machine])) }
        print("\(machine.words). Scale \(scale.rawValue).\n")
        print("| row | what | unit | medians | speed / ext4's | goal | reached | rounds of IoM |")
        print("|---|---|---|---|---|---|---|---|")
        fflush(nil)
    }

    mutating func show(_ outcome: Outcome) {
        defer { fflush(nil) }
        if json { return print(line(Line(outcome))) }
        let row = outcome.row
        let cells = [
            row.name, row.what, row.unit.rawValue,
            Self.each(outcome) { outcome.median($0) },
            Self.each(outcome) { $0 == .ext4 ? nil : outcome.ratio(of: $0, to: .ext4) },
            row.goal.map { $0.words(row.unit) } ?? "",
            row.goal.map { _ in outcome.isGoalReached.map { $0 ? "yes" : "**no**" } ?? "unknown" } ?? "",
            outcome.rounds(.iom).map(Self.text).joined(separator: " "),
        ]
        var texts = cells
        texts[1] += outcome.failures.map { "<br>**failed**: \($0)" }.joined()
        texts = texts.map { $0.replacing("|", with: "/").replacing("\n", with: " ") }
        notes += outcome.notes.filter { !notes.contains($0) }
        print("| \(texts.joined(separator: " | ")) |")
    }

    func end() {
        let load = Machine.loadAverage
        if json { return print(line(["loadAtEnd": load])) }
        if !notes.isEmpty { print("\n" + notes.map { "* \($0)" }.joined(separator: "\n")) }
        print("\nLoad average of the machine at the start \(machine.load), at the end \(load).")
    }

    private static func each(_ outcome: Outcome, _ figure: (Contender) -> Double?) -> String {
        outcome.contenders.compactMap { contender in figure(contender).map { "\(contender) \(text($0))" } }
            .joined(separator: "<br>")
    }

    private struct Line: Encodable {
        var row: String
        var what: String
        var unit: Unit
        /// The figures of the rounds, by contender.
        var rounds: [String: [Double]] = [:]
        var medians: [String: Double] = [:]
        /// Speed as a multiple of ext4's.
        var ratios: [String: Double] = [:]
        var goal: String?
        var isGoalReached: Bool?
        var notes: [String]
        var failures: [String]
        var seconds: Double

        init(_ outcome: Outcome) {
            (row, what, unit) = (outcome.row.name, outcome.row.what, outcome.row.unit)
            (goal, isGoalReached) = (outcome.row.goal?.words(unit), outcome.isGoalReached)
            (notes, failures, seconds) = (outcome.notes, outcome.failures, outcome.time.seconds)
            for contender in outcome.contenders {
                rounds[contender.name] = outcome.rounds(contender)
                medians[contender.name] = outcome.median(contender)
                ratios[contender.name] = contender == .ext4 ? nil : outcome.ratio(of: contender, to: .ext4)
            }
        }
    }

    private func line(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    /// Three digits that count.
    static func text(_ figure: Double) -> String {
        switch figure {
        case 100...: String(format: "%.0f", figure)
        case 10...: String(format: "%.1f", figure)
        default: String(format: "%.2f", figure)
        }
    }
}
