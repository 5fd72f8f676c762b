import Foundation

/// What is printed: lines of JSON, or a table in Markdown.
struct Report: Sendable {
    let json: Bool
    let machine: Machine
    let scale: Scale.Name

    func begin() {
        if json { return print(line(["machine": machine])) }
        print("\(machine.words); scale \(scale.rawValue).\n")
        print("| row | what | IoM | ext4 | unit | IoM's speed / ext4's | rounds of IoM |")
        print("|---|---|---|---|---|---|---|")
    }

    func show(_ outcome: Outcome) {
        defer { fflush(nil) }
        if json { return print(line(Line(outcome))) }
        let rounds = (outcome.figures[.iom] ?? []).map(Self.text).joined(separator: " ")
        let (iom, ext4) = (Self.text(outcome.median(.iom)), Self.text(outcome.median(.ext4)))
        let ratio = Self.text(outcome.ratio)
        print(
            "| \(outcome.row) | \(outcome.what) | \(iom) | \(ext4) | \(outcome.unit.rawValue) | \(ratio) | \(rounds) |"
        )
    }

    func end() {
        guard !json else { return }
        print("\nLoad average of the machine at the start \(machine.load), at the end \(Machine.loadAverage).")
    }

    private struct Line: Encodable {
        var row: String
        var what: String
        var unit: Unit
        var iom: [Double]
        var ext4: [Double]
        var iomMedian: Double
        var ext4Median: Double
        var ratio: Double

        init(_ outcome: Outcome) {
            (row, what, unit) = (outcome.row, outcome.what, outcome.unit)
            (iom, ext4) = (outcome.figures[.iom] ?? [], outcome.figures[.ext4] ?? [])
            (iomMedian, ext4Median, ratio) = (outcome.median(.iom), outcome.median(.ext4), outcome.ratio)
        }
    }

    private func line(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    /// Three digits that count.
    private static func text(_ figure: Double) -> String {
        switch figure {
        case 100...: String(format: "%.0f", figure)
        case 10...: String(format: "%.1f", figure)
        default: String(format: "%.2f", figure)
        }
    }
}
