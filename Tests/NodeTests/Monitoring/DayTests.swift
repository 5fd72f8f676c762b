import Foundation
import Glibc
import Node
import Objects
import SystemPackage
import Testing

/// Somebody follows the events of two devices through a day that is made of chance; what was told is counted against what
/// was done.
///
/// A day in a minute: all of it falls into the while in which what repeats is one event.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(5)))
struct DayTests {
    private static let seed = getenv("IOM_SEED").flatMap { UInt64(String(cString: $0)) } ?? 1

    /// `IOM_SEED=n` makes it another day.
    @Test func `Who follows the events through a day is told all that happened, and nothing else`() async throws {
        try await Household.with { home in
            var dice = Dice(seed: Self.seed)
            var day = try await Day(in: home, seed: Self.seed)
            for doing in Day.Doing.allCases.shuffled(using: &dice) { try await day.do(doing) }
            try await day.check()
        }
    }
}
