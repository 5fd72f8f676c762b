/// The two that are compared.
enum Side: String, Codable, CaseIterable, Sendable { case iom, ext4 }

/// One thing that is measured on an instance, and on plain ext4 beside it.
struct Row: Sendable {
    let name: String
    /// What both sides do, in words.
    let what: String
    let unit: Unit
    /// Makes what all rounds need.
    let prepare: @Sendable (Site) async throws -> any Trial

    /// In the order in which they are run: what the later ones need, the earlier ones do not disturb.
    static let all: [Row] =
        [
            .putSmall, .putKnown, .putLarge, .getSmall, .getLarge, .listFirst, .listAgain,
        ] + CacheState.allCases.map(Row.readSmall) + CacheState.allCases.map(Row.readLarge)
        + CacheState.allCases.map(Row.readRandom) + [.join, .fetchSmall, .fetchSerial, .fetchLarge]

    static var allNames: String { all.map(\.name).joined(separator: ", ") }
}

/// A row that is ready to run.
protocol Trial {
    /// One round of one side: a figure in the row's unit.
    func measure(_ side: Side, _ round: Int) async throws -> Double
}

/// What a figure counts.
enum Unit: String, Codable, Sendable {
    case objectsPerSecond = "objects/s"
    case filesPerSecond = "files/s"
    case entriesPerSecond = "entries/s"
    case megabytesPerSecond = "MB/s"
    case microseconds = "us"

    var isBetterWhenHigher: Bool { self != .microseconds }
}

/// What is in the kernel's memory when a file is read.
enum CacheState: String, CaseIterable, Sendable {
    /// Nothing: both sides read from the disk.
    case cold
    /// The file in the store, but nothing of the mount; ext4 has its file in memory.
    case first
    /// Everything.
    case warm
}

extension Double {
    /// So many in a time.
    static func rate(_ count: Int, in time: Duration) -> Double { Double(count) / time.seconds }

    /// Megabytes (10^6) in a second.
    static func megabytes(_ byteCount: Int, in time: Duration) -> Double { Double(byteCount) / 1e6 / time.seconds }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
