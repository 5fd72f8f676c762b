import Catalog
import Logging
import Objects
import Storage
import SystemPackage
import TestSupport
import Testing
import Views

@testable import Node

/// Who is let through to what is not here.
@Suite struct GatekeeperTests {
    private let wish = FetchWish(key: ObjectHash(of: [1]), byteCount: 10, range: 0..<10)

    private func with(_ body: (Node, Gatekeeper) throws -> Void) throws {
        let folder = TemporaryDirectory()
        let (node, _) = try AuthorTests.custodian(folder)
        let rules = FetchRules(noFetch: ["updatedb"], freely: ["cat"], limits: .init(fileCount: 1, byteCount: nil))
        let gatekeeper = Gatekeeper(
            rules: rules,
            allowances: node.allowances,
            runs: LocalOnlyRuns { process, above in process == 7 && above.contains(5) },
            origins: node.origins,
            events: node.events,
            time: node.time
        )
        try body(node, gatekeeper)
    }

    private func wish(_ number: Int) -> FetchWish {
        FetchWish(key: ObjectHash(of: Array("\(number)".utf8)), byteCount: 10, range: 0..<10)
    }

    @Test func `Listed programs are refused by any of their names, until they are allowed`() throws {
        try with { node, gatekeeper in
            let script = CallingProgram(name: "updatedb", names: ["python3", "updatedb"])
            #expect(throws: ObjectError.fetchNotAllowed) { try gatekeeper.admit(Caller { script }, to: wish) }
            #expect(gatekeeper.errorText(of: wish.key)?.contains("mount.no_fetch") == true)
            let end = Timestamp(nanoseconds: node.time.now.nanoseconds + 60_000_000_000)
            try node.allowances.add(Allowance(program: "updatedb", until: end), at: node.time.now)
            #expect(try gatekeeper.admit(Caller { script }, to: wish) == "updatedb")
            #expect(gatekeeper.errorText(of: wish.key) == nil)
            // As written down, also for the next start, and only until then.
            let again = try Allowances(disk: node.root.disk())
            #expect(again.current(at: node.time.now).map(\.program) == ["updatedb"])
            #expect(again.current(at: end) == [])
        }
    }

    @Test func `What looks through everything is stopped and told of once; a person is not`() throws {
        try with { node, gatekeeper in
            let indexer = Caller { CallingProgram(name: "indexer") }
            #expect(try gatekeeper.admit(indexer, to: wish(0)) == "indexer")
            for number in 1..<4 {
                #expect(throws: ObjectError.fetchNotAllowed) { try gatekeeper.admit(indexer, to: wish(number)) }
            }
            let events = try node.catalog.events(last: 10).filter { $0.source == "indexer" }
            #expect(events.count == 1)
            #expect(events.first?.details.contains("iom allow 'indexer' --for 1h") == true)
            for person in [CallingProgram(name: "cat"), CallingProgram(name: "vi", hasTerminal: true)] {
                for number in 10..<20 {
                    #expect(throws: Never.self) { try gatekeeper.admit(Caller { person }, to: wish(number)) }
                }
            }
            #expect(try gatekeeper.admit(.unknown, to: wish(20)) == nil)
        }
    }

    @Test func `What runs local-only is refused by its mark or by who started it, allowed or not`() throws {
        try with { node, gatekeeper in
            try node.allowances.add(Allowance(program: "cat", until: nil), at: node.time.now)
            let marked = CallingProgram(name: "cat", isMarkedLocalOnly: true)
            #expect(throws: ObjectError.fetchNotAllowed) { try gatekeeper.admit(Caller { marked }, to: wish) }
            let child = Caller { CallingProgram(processID: 7, name: "cat") }
            #expect(throws: Never.self) { try gatekeeper.admit(child, to: wish) }
            gatekeeper.runs.begin(5)
            #expect(throws: ObjectError.fetchNotAllowed) { try gatekeeper.admit(child, to: wish) }
            gatekeeper.runs.end(5)
            #expect(throws: Never.self) { try gatekeeper.admit(child, to: wish) }
        }
    }
}
