import Glibc
import Objects
import Testing

@testable import Node

/// Histories of put, read, pin, evict, revoke, crash and clock on three devices, of which any may keep everything: no
/// object is ever without a copy, no quota broken, no pinned object gone, and what was confirmed is true.
///
/// `IOM_SEED=n swift test --filter HistoryTests` runs one history and prints it.
@Suite(.timeLimit(.minutes(5))) struct HistoryTests {
    private static let chosen: UInt64? = getenv("IOM_SEED").flatMap { UInt64(String(cString: $0)) }

    private static func seeds(_ count: Int) -> [UInt64] { chosen.map { [$0] } ?? (0..<UInt64(count)).map { $0 } }

    private func run(_ history: History) async {
        var history = history
        let failure = await history.run()
        if let failure { Issue.record("\(failure); IOM_SEED=\(history.seed) runs it again") }
        if Self.chosen != nil { print(history.log.joined(separator: "\n"), failure ?? "all is well", separator: "\n") }
    }

    @Test func `No history loses the last copy, breaks a quota or drops what is pinned`() async throws {
        for seed in Self.seeds(3_000) {
            await run(try History(seed: seed) { ModelShelf(number: $0) })
        }
    }

    @Test func `Nor does one with real stores that lose their power`() async throws {
        for seed in Self.seeds(24) {
            await run(try History(seed: seed) { try StoreShelf(seed: seed &* 3 &+ UInt64($0)) })
        }
    }

    @Test(.enabled(if: chosen == nil), arguments: BrokenRule.allCases)
    func `A rule that is broken is found`(rule: BrokenRule) async throws {
        for seed in Self.seeds(3_000) {
            var history = try History(seed: seed, broken: rule) { ModelShelf(number: $0) }
            if await history.run() != nil { return }
        }
        Issue.record("no history shows that \(rule) is broken")
    }
}
