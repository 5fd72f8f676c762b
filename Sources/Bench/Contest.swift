import SystemPackage

/// Rows in interleaved rounds: all contenders take turns at going first, so that what the machine does besides hits all.
struct Contest {
    let rows: [Row]
    let scale: Scale
    let rounds: Int
    let peers: Peer.Choice
    /// Where what takes long to make stays for the next run; nil: it is removed.
    var kept: FilePath?

    /// Makes what the rows need in the directory that stays, and measures nothing.
    func prepare(in directory: FilePath) async throws {
        let site = try site(in: directory)
        let result: Result<Void, any Error>
        do { result = .success(try await site.make(rows.flatMap(\.needs))) } catch { result = .failure(error) }
        await site.close()
        try result.get()
    }

    private func site(in directory: FilePath) throws -> Site {
        try Site(in: directory, for: rows, scale: scale, rounds: rounds, peers: peers, kept: kept)
    }

    /// Runs every row in a directory of its own below `directory`, which is gone afterwards.
    ///
    /// What fails is told in the row's outcome, and the others go on; only cancellation ends it.
    func run(in directory: FilePath, _ show: (Outcome) -> Void) async throws {
        let site = try site(in: directory)
        do {
            for row in rows {
                let start = ContinuousClock.now
                var outcome = try await outcome(of: row, site)
                outcome.time = ContinuousClock.now - start
                show(outcome)
            }
        } catch {
            await site.close()
            throw error
        }
        await site.close()
    }

    private func outcome(of row: Row, _ site: Site) async throws -> Outcome {
        var outcome = Outcome(row: row)
        try Task.checkCancellation()
        do {
            try await site.make(row.needs)
            let trial = try await row.prepare(site)
            (outcome.contenders, outcome.notes) = (trial.contenders, trial.notes)
            let rounds = min(rounds, row.roundsMax)
            do { for round in 0..<rounds { try await run(trial, round, &outcome) } } catch {
                await trial.end()
                throw error
            }
            await trial.end()
        } catch {
            try Task.checkCancellation()
            outcome.failures.append("\(error)")
        }
        return outcome
    }

    private func run(_ trial: any Trial, _ round: Int, _ outcome: inout Outcome) async throws {
        let shift = round % max(outcome.contenders.count, 1)
        for contender in outcome.contenders[shift...] + outcome.contenders[..<shift] {
            try Task.checkCancellation()
            guard outcome.isRunning(contender) else { continue }
            do {
                guard let figure = try await trial.measure(contender, round) else { continue }
                outcome.figures[contender, default: [:]][round] = figure
            } catch {
                try Task.checkCancellation()
                outcome.fail(contender, "\(error)")
            }
        }
    }
}
