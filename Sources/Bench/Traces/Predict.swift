import ArgumentParser
import Node

/// Replays traces and prints what fetching ahead is good for.
struct Predict: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict",
        abstract: "Replay traces of reading with each way of fetching ahead: hit ratio, wasted bytes.",
        discussion: "Example:  Bench predict           (those that nobody looked at while tuning)\n"
            + "          Bench predict --tuning  (those by which the model was chosen)"
    )

    @Flag(help: "The traces by which the model was chosen.") var tuning = false
    @Option(help: "Part of all bytes that the device may hold.") var quota = 0.05
    @Option(help: "Only the first so many seeds.") var seeds: Int?

    func run() throws {
        print(
            "| trace | forecast | hit ratio | waits saved | fetched ahead MB | used | wasted MB | next named | first |"
        )
        print("|---|---|---|---|---|---|---|---|---|")
        let seedRange = tuning ? TracePlan.tuningSeeds : TracePlan.unseenSeeds
        for plan in tuning ? TracePlan.tuning : TracePlan.unseen {
            let traces = seedRange.prefix(seeds ?? .max).map { Trace(plan, seed: $0) }
            var nothing = Replay.Result()
            for forecast in Forecast.allCases {
                let results = traces.map { trace -> Replay.Result in
                    var replay = Replay(trace, forecast, quota: Int(Double(trace.byteCount) * quota))
                    return replay.run()
                }
                let sum = results.reduce(Replay.Result(), +)
                if forecast == .nothing { nothing = sum }
                print(Self.line(plan.name, forecast, sum, nothing))
            }
        }
    }

    private static func line(
        _ name: String,
        _ forecast: Forecast,
        _ result: Replay.Result,
        _ nothing: Replay.Result
    ) -> String {
        func percent(_ part: Int, _ whole: Int) -> String {
            whole == 0 ? "" : "\((Double(part) * 1_000 / Double(whole)).rounded() / 10) %"
        }
        let cells = [
            name, forecast.rawValue, percent(result.hitCount, result.readCount),
            "\(result.hitCount - nothing.hitCount)", "\(result.aheadByteCount / 1_000_000)",
            percent(result.usedByteCount, result.usedByteCount + result.wastedByteCount),
            "\(result.wastedByteCount / 1_000_000)", percent(result.rightCount, result.openingCount),
            percent(result.firstRightCount, result.openingCount),
        ]
        return "| " + cells.joined(separator: " | ") + " |"
    }
}

extension Replay.Result {
    static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.readCount += right.readCount
        sum.hitCount += right.hitCount
        sum.aheadByteCount += right.aheadByteCount
        sum.usedByteCount += right.usedByteCount
        sum.wastedByteCount += right.wastedByteCount
        sum.openingCount += right.openingCount
        sum.firstRightCount += right.firstRightCount
        sum.rightCount += right.rightCount
        sum.turnCount += right.turnCount
        return sum
    }
}
