import Testing

@testable import Bench

@Suite struct GoalTests {
    private struct Nothing: Trial {
        func measure(_ contender: Contender, _ round: Int) async throws -> Double? { nil }
    }

    private func outcome(_ unit: Unit, _ figures: [Contender: [Double]], goal: Goal? = nil) -> Outcome {
        var outcome = Outcome(row: Row(name: "row", what: "nothing", unit: unit, goal: goal) { _ in Nothing() })
        outcome.contenders = figures.keys.sorted { $0.name < $1.name }
        for (contender, rounds) in figures {
            outcome.figures[contender] = Dictionary(uniqueKeysWithValues: rounds.enumerated().map { ($0, $1) })
        }
        return outcome
    }

    @Test func aRatioIsTheMedianOfTheRoundsRatios() {
        // The machine was ten times slower in the second round, for both.
        let figures: [Contender: [Double]] = [.iom: [90, 9, 80], .ext4: [100, 10, 100]]
        #expect(outcome(.megabytesPerSecond, figures).ratio(of: .iom, to: .ext4) == 0.9)
        #expect(outcome(.seconds, figures).ratio(of: .ext4, to: .iom) == 0.9)
    }

    @Test func aRatioIsOfRoundsThatBothHave() {
        let outcome = outcome(.seconds, [.iom: [1, 1, 1], "slow": [4]])
        #expect(outcome.ratio(of: "slow", to: .iom) == 0.25)
        #expect(outcome.ratio(of: .iom, to: .ext4) == nil)
    }

    @Test(arguments: [(1.0, true), (4.0, true), (4.1, false)])
    func whatIsToBeLowMayBeLower(figure: Double, isReached: Bool) {
        #expect(outcome(.mebibytes, [.iom: [figure]], goal: .figure(4)).isGoalReached == isReached)
    }

    @Test(arguments: [(4_999.0, false), (5_000.0, true)])
    func whatIsToBeHighMayBeHigher(figure: Double, isReached: Bool) {
        #expect(outcome(.filesPerSecond, [.iom: [figure]], goal: .figure(5_000)).isGoalReached == isReached)
    }

    @Test func whatWasNotMeasuredIsUnknown() {
        let goal = Goal.all([.times(0.5, of: .ext4), .times(1, of: .squashfuse)])
        let fast: [Contender: [Double]] = [.iom: [1], .ext4: [1]]
        #expect(outcome(.seconds, fast, goal: goal).isGoalReached == nil)
        #expect(outcome(.seconds, [.iom: [3], .ext4: [1]], goal: goal).isGoalReached == false)
        #expect(outcome(.seconds, fast, goal: .any([.times(0.5, of: .ext4), .figure(0)])).isGoalReached == true)
        #expect(outcome(.seconds, fast).isGoalReached == nil)
    }

    @Test func whoFailedIsNotAskedAgain() {
        var outcome = outcome(.seconds, [.iom: [1]])
        #expect(outcome.isRunning(.ext4))
        outcome.fail(.ext4, "the disk is full")
        #expect(!outcome.isRunning(.ext4))
        #expect(outcome.isRunning(.iom))
        #expect(outcome.failures == ["ext4: the disk is full"])
    }
}
