/// Metrics as Prometheus reads them: text exposition format 0.0.4
/// (prometheus.io/docs/instrumenting/exposition_formats).
package struct Exposition: Sendable {
    package enum Kind: String, Sendable { case counter, gauge, histogram }

    package typealias Labels = [(name: String, value: String)]

    package private(set) var text = ""

    package init() {}

    /// A metric with all its samples; one without any is left out: what is not known is not told.
    package mutating func add(_ name: String, _ kind: Kind, _ help: String, _ samples: [(Labels, Double?)]) {
        let samples = samples.compactMap { labels, value in value.map { (labels, $0) } }
        guard !samples.isEmpty else { return }
        begin(name, kind, help)
        for (labels, value) in samples { line(name, labels, value) }
    }

    package mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Double?) {
        add(name, kind, help, [([], value)])
    }

    package mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Int?) {
        add(name, kind, help, value.map(Double.init))
    }

    /// One histogram of those a metric has: `buckets` are counts of single steps, the last one of what is longer than all.
    package struct Histogram: Sendable {
        package var labels: Labels
        package var bounds: [Double]
        package var buckets: [Int]
        package var sum: Double
    }

    package mutating func add(_ name: String, _ help: String, _ histograms: [Histogram]) {
        guard !histograms.isEmpty else { return }
        begin(name, .histogram, help)
        for histogram in histograms {
            var count = 0
            for (index, bucket) in histogram.buckets.enumerated() {
                count += bucket
                let bound = index < histogram.bounds.count ? Self.number(histogram.bounds[index]) : "+Inf"
                line(name + "_bucket", histogram.labels + [("le", bound)], Double(count))
            }
            line(name + "_sum", histogram.labels, histogram.sum)
            line(name + "_count", histogram.labels, Double(count))
        }
    }

    private mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
    }

    private mutating func line(_ name: String, _ labels: Labels, _ value: Double) {
        let words = labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }.joined(separator: ",")
        text += name + (words.isEmpty ? "" : "{\(words)}") + " \(Self.number(value))\n"
    }

    /// Whole numbers without a point.
    private static func number(_ value: Double) -> String {
        Int(exactly: value).map { "\($0)" }
            ?? (value.isNaN ? "NaN" : value.isInfinite ? (value < 0 ? "-Inf" : "+Inf") : "\(value)")
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            // A lone carriage return ends a line for some readers.
            case "\r": result += "?"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
