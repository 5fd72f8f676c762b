import Catalog
import Objects
import Testing

@testable import Node

/// Which objects may go, and who is asked before.
@Suite struct EvictionTests {
    private static let hashes = (0..<4).map { ObjectHash(of: [UInt8($0)]) }.sorted()
    private static let hash = hashes[0]
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)
    private static let standing = Eviction.Standing(keepsEverything: false, promise: nil, turn: 3, revoked: [])

    private static func confirmation(
        _ instance: String = "archive",
        age: Duration = .zero,
        turn: Int64 = 3
    ) -> HolderConfirmation {
        let (seconds, attoseconds) = age.components
        let nanoseconds = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        return HolderConfirmation(
            instance: instance,
            time: Timestamp(nanoseconds: now.nanoseconds - nanoseconds),
            turn: turn
        )
    }

    private func verdict(
        _ facts: Eviction.Facts,
        _ standing: Eviction.Standing = standing,
        pin: String? = nil
    ) -> EvictionVerdict {
        Eviction([Self.hash: facts], reachable: []).verdict(of: Self.hash, pin: pin, standing, at: Self.now)
    }

    @Test func aConfirmedObjectGoes() {
        let confirmation = Self.confirmation(age: .seconds(3600))
        #expect(
            verdict(.init(byteCount: 5, confirmations: [confirmation]))
                == .evicted(byteCount: 5, holder: "archive", verified: confirmation.time)
        )
    }

    @Test func aConfirmationThatDoesNotCountKeepsIt() {
        var standing = Self.standing
        standing.revoked = ["thief"]
        let useless = [
            Self.confirmation(age: .seconds(24 * 3600)), Self.confirmation(age: .seconds(-1)),
            Self.confirmation(turn: 2), Self.confirmation("thief"),
        ]
        for confirmation in useless {
            let verdict = verdict(.init(byteCount: 5, confirmations: [confirmation]), standing)
            #expect(verdict == .noHolder(.unreachable), "\(confirmation)")
        }
    }

    @Test func whatIsWantedHereStaysWhoeverHasIt() {
        let confirmations = [Self.confirmation()]
        func facts(_ byteCount: Int? = 5, isNeeded: Bool = false) -> Eviction.Facts {
            .init(byteCount: byteCount, isNeeded: isNeeded, confirmations: confirmations)
        }
        #expect(verdict(facts(nil)) == .notLocal)
        #expect(verdict(facts(), pin: "files/a") == .pinned(by: "files/a"))
        #expect(verdict(facts(isNeeded: true)) == .needed)
        var standing = Self.standing
        standing.promise = Self.now
        #expect(verdict(facts(), standing) == .promised(until: Self.now))
        standing.keepsEverything = true
        #expect(verdict(facts(), standing) == .kept)
        #expect(
            Eviction([:], reachable: []).verdict(of: Self.hash, pin: nil, Self.standing, at: Self.now) == .notLocal
        )
    }

    @Test func whatIsOpenIsAskedOfOneAfterTheOther() {
        let facts: [ObjectHash: Eviction.Facts] = [
            Self.hashes[0]: .init(byteCount: 1),
            Self.hashes[1]: .init(byteCount: 1, confirmations: [Self.confirmation(age: .seconds(3600))]),
            Self.hashes[2]: .init(byteCount: 1, confirmations: [Self.confirmation()]),
            Self.hashes[3]: .init(byteCount: 1, pin: "files/a"),
        ]
        var eviction = Eviction(facts, reachable: ["attic", "cellar"])
        let open = Array(Self.hashes[0...1])
        let first = eviction.next(Self.standing, at: Self.now, limit: 10)
        #expect(first == [.init(keeper: "attic", hashes: open)])
        let answers: [ObjectHash: Eviction.Answer] = [open[0]: .missing, open[1]: .proven]
        eviction.take(answers, to: first?[0] ?? .init(keeper: "", hashes: []), Self.confirmation("attic"))
        let second = eviction.next(Self.standing, at: Self.now, limit: 10)
        #expect(second == [.init(keeper: "cellar", hashes: [open[0]])])
        eviction.take([open[0]: .missing], to: .init(keeper: "cellar", hashes: [open[0]]), Self.confirmation("cellar"))
        let third = eviction.next(Self.standing, at: Self.now, limit: 10)
        #expect(third == nil)
        func verdict(_ hash: ObjectHash) -> EvictionVerdict {
            eviction.verdict(of: hash, pin: nil, Self.standing, at: Self.now)
        }
        #expect(verdict(open[0]) == .noHolder(.missing(at: ["attic", "cellar"])))
        #expect(verdict(open[1]) == .evicted(byteCount: 1, holder: "attic", verified: Self.now))
        #expect(verdict(Self.hashes[2]).isEvicted)
    }

    @Test func aHolderThatHasLostItNoLongerCounts() {
        let old = Self.confirmation(age: .seconds(3600))
        for answer in [Eviction.Answer.missing, .wrong] {
            var eviction = Eviction(
                [Self.hash: .init(byteCount: 1, confirmations: [old])],
                reachable: ["archive"]
            )
            let question = Eviction.Question(keeper: "archive", hashes: [Self.hash])
            let questions = eviction.next(Self.standing, at: Self.now, limit: 10)
            #expect(questions == [question])
            eviction.take([Self.hash: answer], to: question, Self.confirmation())
            #expect(!eviction.verdict(of: Self.hash, pin: nil, Self.standing, at: Self.now).isEvicted)
        }
    }

    @Test func whoDoesNotAnswerOrKeepsNothingProvesNothing() {
        let cases: [(answers: [ObjectHash: Eviction.Answer]?, reason: EvictionVerdict.NoHolder)] = [
            (nil, .noAnswer(from: "phone")), ([:], .noKeeper),
        ]
        for (answers, reason) in cases {
            var eviction = Eviction([Self.hash: .init(byteCount: 1)], reachable: ["phone"])
            let question = Eviction.Question(keeper: "phone", hashes: [Self.hash])
            let questions = eviction.next(Self.standing, at: Self.now, limit: 10)
            #expect(questions == [question])
            eviction.take(answers, to: question, Self.confirmation("phone"))
            let verdict = eviction.verdict(of: Self.hash, pin: nil, Self.standing, at: Self.now)
            #expect(verdict == .noHolder(reason))
        }
    }

    @Test func manyAreAskedForInParts() {
        let facts = Dictionary(uniqueKeysWithValues: Self.hashes.map { ($0, Eviction.Facts(byteCount: 1)) })
        var eviction = Eviction(facts, reachable: ["archive"])
        let questions = eviction.next(Self.standing, at: Self.now, limit: 3)
        #expect(questions?.map(\.hashes) == [Array(Self.hashes[..<3]), [Self.hashes[3]]])
    }
}
