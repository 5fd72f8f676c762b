import Objects
import Testing

@testable import Node

/// What an instance promises to those who rely on it.
@Suite struct VouchingTests {
    private static func hours(_ hours: Double) -> Timestamp {
        Timestamp(nanoseconds: Int64((1_000 + hours) * 3600 * 1_000_000_000))
    }

    private static func isBound(_ vouching: Vouching, at hours: Double) -> Bool {
        var vouching = vouching
        return vouching.promise(at: Self.hours(hours)) != nil
    }

    /// One that has vouched at these times, and which of them had to be written down.
    private static func vouched(at times: [Double]) -> (vouching: Vouching, written: [Bool]) {
        var vouching = Vouching(turn: 7)
        let written = times.map { vouching.vouch(at: hours($0)) }
        return (vouching, written)
    }

    @Test func whoNeverVouchedOwesNothing() {
        var vouching = Vouching(turn: 7)
        let turn = vouching.ask()
        #expect(turn == 7 && !Self.isBound(vouching, at: 0))
    }

    @Test func whoVouchedDropsNothingForADay() {
        let vouching = Self.vouched(at: [0]).vouching
        for hours in [0, 1, 23, 23.99] { #expect(Self.isBound(vouching, at: hours)) }
        // It is written down ten minutes ahead.
        #expect(!Self.isBound(vouching, at: 24.2))
    }

    @Test func onlyTheFirstOfManyAnswersWaitsForTheDisk() {
        let (vouching, written) = Self.vouched(at: [0, 0.1, 0.2])
        #expect(written == [true, false, true])
        #expect(Self.isBound(vouching, at: 24.15))
    }

    @Test func whatWasAskedBeforeItVouchedDoesNotCountAfterwards() {
        var vouching = Self.vouched(at: [0]).vouching
        let first = vouching.ask()
        let isWritten = vouching.vouch(at: Self.hours(0))
        let second = vouching.ask()
        #expect(isWritten && first != second && vouching.turn == second)
    }

    @Test func aClockThatIsSetBackMakesThePromiseNoLongerThanADay() {
        var vouching = Self.vouched(at: [20_000]).vouching
        let end = vouching.promise(at: Self.hours(0))
        #expect(end.map { $0 <= Self.hours(24.2) } == true)
        #expect(Self.isBound(vouching, at: 23) && !Self.isBound(vouching, at: 25))
    }

    @Test func aClockThatIsSetBackBetweenTwoAnswersForgetsNeither() {
        let (vouching, written) = Self.vouched(at: [20_000, 0])
        #expect(written == [true, true])
        #expect(Self.isBound(vouching, at: 23.9) && !Self.isBound(vouching, at: 24.3))
    }
}
