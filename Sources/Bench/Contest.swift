import SystemPackage

/// Rows in interleaved rounds: both sides take turns at going first, so that what the machine does besides hits both.
struct Contest {
    let rows: [Row]
    let scale: Scale
    let rounds: Int

    /// Runs every row in a directory of its own below `directory`, which is gone afterwards.
    func run(in directory: FilePath, _ show: (Outcome) -> Void) async throws {
        let site = try Site(in: directory, scale: scale, rounds: rounds)
        do {
            for row in rows { show(try await outcome(of: row, site)) }
        } catch {
            await site.close()
            throw error
        }
        await site.close()
    }

    private func outcome(of row: Row, _ site: Site) async throws -> Outcome {
        let trial = try await row.prepare(site)
        var outcome = Outcome(row: row.name, what: row.what, unit: row.unit)
        for round in 0..<rounds {
            for side in round.isMultiple(of: 2) ? [Side.iom, .ext4] : [.ext4, .iom] {
                try Task.checkCancellation()
                outcome.figures[side, default: []].append(try await trial.measure(side, round))
            }
        }
        return outcome
    }
}
