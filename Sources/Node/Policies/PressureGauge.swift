/// How full it is, in words (design 9).
package enum PressureLevel: Int, Comparable, Sendable, Codable, CaseIterable {
    case normal, warning, critical
    /// What is fetched will soon find no room.
    case full

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    package var word: String {
        switch self {
        case .normal: "normal"
        case .warning: "warning"
        case .critical: "critical"
        case .full: "full"
        }
    }

    /// What goes by itself, in words; nil: nothing.
    var consequence: String? {
        switch self {
        case .normal: nil
        case .warning: "old versions go, and what was not used for 60 days"
        case .critical:
            "version history goes, what was not used for 30 days, and images of which there is a smaller one"
        case .full: "what is used least goes"
        }
    }
}

/// Tells how full it is without going to and fro: a level begins at its mark and ends at a lower one.
package struct PressureGauge: Sendable {
    /// The fraction at which a level begins, and the one below which it ends.
    package static let marks: [PressureLevel: (high: Double, low: Double)] = [
        .warning: (0.7, low), .critical: (0.9, 0.85), .full: (0.96, 0.92),
    ]
    /// Below it all levels end.
    package static let low = 0.65

    package private(set) var level = PressureLevel.normal

    package init() {}

    /// The fraction is this now.
    ///
    /// - Returns: the level, if it is another one.
    package mutating func read(_ fraction: Double) -> PressureLevel? {
        let before = level
        while let mark = Self.marks[level], fraction < mark.low {
            level = PressureLevel(rawValue: level.rawValue - 1) ?? .normal
        }
        for (higher, mark) in Self.marks where higher > level && fraction >= mark.high { level = higher }
        return level == before ? nil : level
    }

    /// The fraction at which the next level begins.
    package var next: Double { PressureLevel(rawValue: level.rawValue + 1).flatMap { Self.marks[$0]?.high } ?? 1 }
}
