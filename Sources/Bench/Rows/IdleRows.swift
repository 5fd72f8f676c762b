import Node

extension Row {
    /// What a device that nobody uses costs.
    static let idling = [
        idle("idle-wakeups", "times a thread was woken", .perMinute) { Double($0.wakeUps) },
        idle("idle-cpu", "processor time in percent of one core", .percent) { $0.processorPercent },
        idle("idle-rss", "memory at the end", .mebibytes, goal: 60) { .mebibytes($0.residentByteCount) },
    ]

    private static func idle(
        _ name: String,
        _ what: String,
        _ unit: Unit,
        goal: Double? = nil,
        figure: @escaping @Sendable (IdleMinute) -> Double
    ) -> Row {
        Row(
            name: name,
            what:
                "an archive, and a laptop with a mount that is connected to it, left alone, from the second minute on: "
                + what,
            unit: unit,
            goal: goal.map { .all([.figure($0), .figure($0, by: .laptop)]) },
            needs: [.small],
            roundsMax: 1
        ) { site in
            let (archive, laptop) = (try await site.mounted(), try await site.joinedAndMounted())
            return Idle(minute: try await site.idleMinute(archive.companion, laptop.companion), figure: figure)
        }
    }
}

extension Contender {
    /// The instance that joined IoM's archive.
    static let laptop: Self = "laptop"
}

/// What a process used in a minute.
struct IdleMinute: Sendable {
    private static let time = Duration.seconds(30)

    var wakeUps: Int
    var processorPercent: Double
    var residentByteCount: Int

    /// Of both at the same time.
    static func measure(_ companions: [Companion], after settlingTime: Duration) async throws -> [Self] {
        try await Task.sleep(for: settlingTime)
        let before = try companions.map { try ProcessUse(of: $0.processIdentifier) }
        try await Task.sleep(for: time)
        return try zip(companions, before).map { companion, before in
            let after = try ProcessUse(of: companion.processIdentifier)
            return Self(
                wakeUps: Int(Double(after.wakeUps(since: before)) * 60 / time.seconds),
                processorPercent: (after.processorTime - before.processorTime).seconds / time.seconds * 100,
                residentByteCount: after.residentByteCount
            )
        }
    }
}

private struct Idle: Trial {
    let minute: [IdleMinute]
    let figure: @Sendable (IdleMinute) -> Double

    var contenders: [Contender] { [.iom, .laptop] }

    func measure(_ contender: Contender, _ round: Int) -> Double? { figure(minute[contender == .iom ? 0 : 1]) }
}
