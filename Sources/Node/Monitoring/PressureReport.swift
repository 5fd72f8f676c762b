import Storage
import Synchronization

/// How full this device is, and what goes because of it (design 9).
package struct PressureReport: Codable, Sendable, Hashable {
    /// normal, warning, critical or full.
    package var level: String
    /// Of what may be used, what is used or kept free.
    package var percentage: Double
    /// What goes by itself now; null: nothing.
    @Nullable package var goes: String? = nil

    init(_ gauge: PressureGauge, _ reading: Charge.Reading, dropsObjects: Bool) {
        var gauge = gauge
        _ = gauge.read(reading.pressure)
        (level, percentage) = (gauge.level.word, reading.pressure * 100)
        goes = dropsObjects ? gauge.level.consequence : nil
    }

    /// For people.
    var line: String { "pressure       \(level) (\(Int(percentage)) %)" + (goes.map { ": \($0)" } ?? "") }
}

/// Smaller renditions of images, made where originals have to go.
package struct PreviewReport: Codable, Sendable, Hashable {
    /// Whether the program that makes them is installed.
    package var isPossible: Bool
    /// What those that were made take on the disk; null: none can be made, and none was.
    @Nullable package var byteCount: Int? = nil

    init(byteCount: Int) {
        isPossible = Previews.program != nil
        self.byteCount = isPossible || byteCount > 0 ? byteCount : nil
    }

    /// For people; nil where there is nothing to tell.
    var line: String? {
        let made = byteCount.flatMap { $0 > 0 ? "\(ByteCount($0))" : nil }
        let none = made == nil ? "none are made" : "no more are made"
        let words = [made, isPossible ? nil : "\(none): \(Previews.absence)"].compactMap(\.self)
        return words.isEmpty ? nil : "previews       \(words.joined(separator: "; "))"
    }
}

extension Node {
    func pressureReport(_ reading: Charge.Reading) -> PressureReport {
        PressureReport(gauge.withLock { $0 }, reading, dropsObjects: policy.dropsObjects)
    }

    /// nil: nothing ever goes here, so none are made.
    func previewReport() -> PreviewReport? {
        policy.dropsObjects ? PreviewReport(byteCount: store.previews.allocatedByteCount) : nil
    }
}
