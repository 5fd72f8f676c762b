import Catalog
import Logging
import Objects
import ServiceLifecycle

/// Makes room when there is little of it, and lets go what has grown old (design 9).
///
/// Looks when something finds no room, when a level is reached, and now and then, as others fill the disk too. What goes is
/// chosen here; whether it may go is decided by `Evicting`.
struct Pressure: Service {
    /// Others fill the disk without telling.
    private static let pause = Duration.seconds(60)
    /// So often what is old is looked for, and what was kept is looked at again.
    private static let retentionPause = Duration.seconds(3600)
    private static let vainPause = Duration.seconds(1)
    /// So often it is tried again while nobody can be asked who has what is to go.
    private static let alonePause = Duration.seconds(5)
    private static let reconsideredCountMax = 10_000

    let node: Node

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var gauge = PressureGauge()
            var retentionDue = node.time.elapsed
            while !Task.isCancelled {
                // Whatever happens from now on is looked at again.
                let (alarms, changes) = (node.charge.alarms(), node.policies.changes())
                var pause = Self.pause
                do {
                    try await look(&gauge)
                    if node.policy.dropsObjects, node.time.elapsed >= retentionDue {
                        if try await retain() {
                            retentionDue = node.time.elapsed + Self.retentionPause
                        } else {
                            pause = Self.alonePause
                        }
                    }
                } catch is CancellationError {
                    return
                } catch {
                    node.logger.warning("making room: \(CommandError(explaining: error).message)")
                }
                await wait(pause, alarms, changes)
            }
        }
    }

    /// Until something finds no room, a level is reached, an instance comes that may have what is to go, or a while has
    /// passed.
    private func wait(_ pause: Duration, _ alarms: AsyncStream<Void>, _ changes: AsyncStream<Void>) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await node.time.sleep(for: pause) }
            group.addTask { for await _ in alarms { return } }
            group.addTask { for await _ in changes { return } }
            await group.next()
            group.cancelAll()
        }
    }

    /// Reads the level, tells if it is another one, and makes room.
    private func look(_ gauge: inout PressureGauge) async throws {
        var reading = try node.charge.reading()
        tell(gauge.read(reading.pressure), reading)
        while node.policy.dropsObjects, let mark = PressureGauge.marks[gauge.level] {
            let steps = PressureStep.steps(at: gauge.level, keepsVersions: node.policy.keepAllVersions)
            var relief = Relief(node: node, until: Int(Double(reading.limit) * mark.low) - reading.reserve)
            let isRelieved = try await relief.run(steps, reason: "pressure is \(gauge.level.word)")
            node.charge.forgetRefused()
            reading = try node.charge.reading()
            let level = gauge.read(reading.pressure)
            tell(level, reading)
            guard isRelieved else {
                // Whatever is read meanwhile finds no room either.
                try await node.time.sleep(for: Self.vainPause)
                break
            }
            if level == nil { break }
        }
        node.charge.raiseAlarm(above: Int(Double(reading.limit) * gauge.next) - reading.reserve)
    }

    /// - Returns: whether somebody could be asked who has what is to go.
    private func retain() async throws -> Bool {
        try node.catalog.reconsiderKept(limit: Self.reconsideredCountMax)
        let steps = PressureStep.retention(
            keepsVersions: node.policy.keepAllVersions,
            ageMax: node.policy.maxObjectAge
        )
        var relief = Relief(node: node, until: 0)
        _ = try await relief.run(steps, reason: "retention")
        return !relief.isAlone
    }

    private func tell(_ level: PressureLevel?, _ reading: Charge.Reading) {
        guard let level else { return }
        let percent = Int(reading.fraction * 100)
        node.events.record(
            .pressure,
            source: node.policy.role.rawValue,
            target: level.word,
            details: "\(ByteCount(reading.used)) of \(ByteCount(reading.limit)) are used (\(percent) %)"
        )
    }
}
