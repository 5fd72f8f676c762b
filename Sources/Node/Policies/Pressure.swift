import Catalog
import Logging
import Objects
import ServiceLifecycle
import Synchronization

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
    /// What was kept is looked at again this often while there is too little room.
    private static let secondLookPause = Duration.seconds(60)
    private static let reconsideredCountMax = 10_000

    let node: Node

    func run() async throws {
        await cancelWhenGracefulShutdown {
            if node.policy.dropsObjects, Previews.program == nil {
                node.logger.warning("no smaller renditions of images are made: \(Previews.absence)")
            }
            var (toldAbsence, secondLookDue) = (false, node.time.elapsed)
            var retentionDue = node.time.elapsed
            while !Task.isCancelled {
                // Whatever happens from now on is looked at again.
                let signs = [node.charge.alarms(), node.policies.changes(), node.links.changes()]
                var pause = Self.pause
                do {
                    if try await !look(&toldAbsence), level == .full, node.time.elapsed >= secondLookDue {
                        try node.catalog.reconsiderKept(limit: Self.reconsideredCountMax)
                        secondLookDue = node.time.elapsed + Self.secondLookPause
                    }
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
                    node.logger.warning("making room failed", metadata: LogReason.metadata(error))
                }
                await wait(pause, signs)
            }
        }
    }

    /// Until something finds no room, a level is reached, an instance comes that may have what is to go, or a while has
    /// passed.
    private func wait(_ pause: Duration, _ signs: [AsyncStream<Void>]) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await node.time.sleep(for: pause) }
            for sign in signs { group.addTask { for await _ in sign { return } } }
            await group.next()
            group.cancelAll()
        }
    }

    /// Reads the level, tells if it is another one, and makes room.
    ///
    /// `toldAbsence`: that there is no program for smaller renditions was told since the pressure rose.
    ///
    /// - Returns: whether there is as much as there is to be.
    private func look(_ toldAbsence: inout Bool) async throws -> Bool {
        var reading = try node.charge.reading()
        tell(read(reading), reading)
        var isEnough = true
        if !node.policy.dropsObjects || level == .normal {
            // Whoever waits for room finds it, or is not to wait.
            node.charge.forgetRefused()
            reading = try node.charge.reading()
        }
        while node.policy.dropsObjects, case let now = level, let mark = PressureGauge.marks[now] {
            let steps = PressureStep.steps(at: now, keepsVersions: node.policy.keepAllVersions)
            var relief = Relief(node: node, until: Int(Double(reading.limit) * mark.low) - reading.reserve)
            let isRelieved = try await relief.run(steps, reason: "pressure is \(now.word)")
            node.charge.forgetRefused()
            if relief.lacksPreviews, !toldAbsence {
                tellAbsence(at: now)
                toldAbsence = true
            }
            reading = try node.charge.reading()
            let level = read(reading)
            tell(level, reading)
            guard isRelieved else {
                // Whatever is read meanwhile finds no room either.
                try await node.time.sleep(for: Self.vainPause)
                isEnough = false
                break
            }
            if level == nil { break }
        }
        if level == .normal { toldAbsence = false }
        let next = node.gauge.withLock { $0.next }
        node.charge.raiseAlarm(above: Int(Double(reading.limit) * next) - reading.reserve)
        return isEnough
    }

    private var level: PressureLevel { node.gauge.withLock { $0.level } }

    private func read(_ reading: Charge.Reading) -> PressureLevel? {
        node.gauge.withLock { $0.read(reading.pressure) }
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
        node.events.record(
            .pressure,
            source: node.policy.role.rawValue,
            target: level.word,
            details: reading.words
        )
    }

    private func tellAbsence(at level: PressureLevel) {
        let words = "images stay as large as they are: \(Previews.absence)"
        node.events.record(
            .pressure,
            source: node.policy.role.rawValue,
            target: level.word,
            details: words,
            failed: true
        )
    }
}

extension Charge.Reading {
    /// For people.
    package var words: String {
        let reserved = reserve > 0 ? ", \(ByteCount(reserve)) kept free" : ""
        return "\(ByteCount(used)) of \(ByteCount(limit)) used\(reserved) (\(Int(pressure * 100)) %)"
    }
}
