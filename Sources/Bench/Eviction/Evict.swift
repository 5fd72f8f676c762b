import ArgumentParser
import Objects

/// Replays traces with each rule of what goes first, and measures what choosing and noting cost as the store grows.
struct Evict: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evict",
        abstract: "Hit ratio of the eviction algorithm beside others, and its cost an object at 10,000 and 1,000,000.",
        discussion: "Example:  Bench evict          (both)\n          Bench evict --cost   (the cost only)"
    )

    @Flag(help: "Only the cost.") var cost = false
    @Flag(help: "Only the hit ratios.") var ratios = false
    @Option(help: "Parts of all bytes that the device may hold.") var quotas: [Double] = [0.02, 0.05, 0.1]
    @Option(help: "Objects that are known.") var counts: [Int] = [10_000, 1_000_000]

    func run() async throws {
        if !cost { try printRatios() }
        if !ratios { try EvictionCost.print(counts: counts) }
    }

    private func printRatios() throws {
        print("| traces | quota | scans | LRU | SIEVE | S3-FIFO | iom |")
        print("|---|---|---|---|---|---|---|")
        for plan in TracePlan.unseen {
            let traces = TracePlan.unseenSeeds.prefix(2).map { Trace(plan, seed: $0) }
            for quota in quotas {
                for scanEveryDays in [nil, 7, 1] {
                    let results = try traces.map { try Self.results($0, quota, scanEveryDays) }
                    let sums = results.dropFirst().reduce(results[0]) { zip($0, $1).map { $0 + $1 } }
                    let cells = sums.map { Self.percent($0.hitCount, $0.readCount) }
                    let scans = scanEveryDays.map { $0 == 1 ? "daily" : "weekly" } ?? "none"
                    print(
                        "| "
                            + ([plan.name, Self.percent(Int(quota * 1000), 1000), scans] + cells).joined(
                                separator: " | "
                            ) + " |"
                    )
                }
            }
        }
    }

    private static func results(
        _ trace: Trace,
        _ part: Double,
        _ scanEveryDays: Int?
    ) throws -> [EvictionReplay.Result] {
        let replay = EvictionReplay(trace, scanEveryDays: scanEveryDays)
        let quota = Int(Double(trace.byteCount) * part)
        let hashes = trace.objects.indices.map { ObjectHash(of: Array("\($0)".utf8)) }
        return [
            try replay.run(LeastRecent(), quota: quota), try replay.run(Sieve(), quota: quota),
            try replay.run(UsedLeast(hashes: hashes, trustsScans: true), quota: quota),
            try replay.run(UsedLeast(hashes: hashes, trustsScans: false), quota: quota),
        ]
    }

    private static func percent(_ part: Int, _ whole: Int) -> String {
        "\((Double(part) * 1000 / Double(max(1, whole))).rounded() / 10) %"
    }
}
