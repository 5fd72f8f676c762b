import Objects
import Testing

@testable import Node

/// What a program may fetch in a minute.
@Suite struct FetchBudgetTests {
    private func file(_ number: Int) -> ObjectHash { ObjectHash(of: Array("\(number)".utf8)) }

    @Test func `So many files a minute, evenly, and each program for itself`() {
        var budget = FetchBudget(.init(fileCount: 3, byteCount: nil))
        func take(_ number: Int, _ program: String, _ seconds: Int) -> FetchBudget.Verdict {
            budget.take(10, of: file(number), isWhole: true, by: program, at: .seconds(seconds))
        }
        for number in 0..<3 { #expect(take(number, "indexer", 0) == .allowed) }
        #expect(take(3, "indexer", 0) == .refused(isFirst: true))
        #expect(take(4, "indexer", 1) == .refused(isFirst: false))
        // What was let through is read on, and others are not touched.
        #expect(take(0, "indexer", 1) == .allowed)
        #expect(take(3, "viewer", 1) == .allowed)
        // One each twenty seconds.
        #expect(take(3, "indexer", 21) == .allowed)
        #expect(take(5, "indexer", 22) == .refused(isFirst: false))
        // It was quiet for a minute: it is told anew.
        for number in 10..<13 { #expect(take(number, "indexer", 200) == .allowed) }
        #expect(take(13, "indexer", 200) == .refused(isFirst: true))
    }

    @Test func `So many bytes a minute; a file that is larger comes, and is made up for`() {
        var budget = FetchBudget(.init(fileCount: nil, byteCount: 600))
        func take(_ byteCount: Int, _ number: Int, _ seconds: Int, isWhole: Bool = true) -> FetchBudget.Verdict {
            budget.take(byteCount, of: file(number), isWhole: isWhole, by: "indexer", at: .seconds(seconds))
        }
        #expect(take(900, 0, 0) == .allowed)
        #expect(take(1, 1, 29) == .refused(isFirst: true))
        #expect(take(1, 1, 31) == .allowed)
        // Of what comes in parts each part counts.
        #expect(take(600, 2, 200, isWhole: false) == .allowed)
        #expect(take(600, 2, 201, isWhole: false) == .allowed)
        #expect(take(600, 2, 202, isWhole: false) == .refused(isFirst: true))
    }

    @Test func `A clock that stands still or a crowd of programs changes nothing`() {
        var budget = FetchBudget(.init(fileCount: 1, byteCount: nil))
        for number in 0..<2_000 {
            let program = "program \(number)"
            #expect(budget.take(1, of: file(0), isWhole: true, by: program, at: .zero) == .allowed)
            #expect(budget.take(1, of: file(1), isWhole: true, by: program, at: .zero) == .refused(isFirst: true))
        }
        var unlimited = FetchBudget(.init(fileCount: nil, byteCount: nil))
        for number in 0..<2_000 {
            #expect(unlimited.take(1 << 40, of: file(number), isWhole: true, by: "rsync", at: .zero) == .allowed)
        }
    }
}
