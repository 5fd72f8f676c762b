import Objects
import Testing

@testable import Node

/// How long contacts are held off that broke the protocol, and what makes a blob more than one may be.
@Suite struct HeldContactTests {
    private let one = IDHash(ObjectHash(of: [1]))
    private let other = IDHash(ObjectHash(of: [2]))

    @Test func `Each time it is longer, up to a limit, and only for the one who did it`() {
        var held = HeldContacts()
        #expect(held.rest(of: one, at: .zero) == nil)
        let first = held.hold(one, at: .zero)
        #expect(first == .seconds(10))
        #expect(held.rest(of: one, at: .seconds(4)) == .seconds(6))
        #expect(held.rest(of: other, at: .seconds(4)) == nil)
        #expect(held.rest(of: one, at: .seconds(10)) == nil)
        let pauses = (0..<20).map { _ in held.hold(one, at: .seconds(20)) }
        #expect(pauses.first == .seconds(20) && pauses == pauses.sorted())
        #expect(pauses.last == HeldContacts.longestPause)
    }

    @Test func `Who has behaved for an hour begins anew`() {
        var held = HeldContacts()
        _ = held.hold(one, at: .zero)
        _ = held.hold(one, at: .seconds(20))
        let later = held.hold(one, at: .seconds(4_000))
        #expect(later == .seconds(10))
    }

    @Test func `A blob that nothing describes has an end, and comes before the reader is old`() {
        #expect(throws: Never.self) { try ChumImport.check(byteCount: 1, after: .seconds(5)) }
        #expect(throws: Never.self) { try ChumImport.check(byteCount: 200 << 20, after: .seconds(5)) }
        #expect(throws: Never.self) { try ChumImport.check(byteCount: 60_000, after: .seconds(60)) }
        #expect(throws: (any Error).self) { try ChumImport.check(byteCount: 60, after: .seconds(60)) }
        #expect(throws: (any Error).self) { try ChumImport.check(byteCount: 300 << 20, after: .seconds(5)) }
    }
}
