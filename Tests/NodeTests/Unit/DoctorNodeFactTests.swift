import Objects
import SystemPackage
import Testing

@testable import Node

/// What the doctor makes of what an instance tells of itself.
@Suite struct DoctorNodeFactTests {
    private static let mending = Mending(root: "/r", process: 77)

    private static func node(isServing: Bool = true) -> NodeFacts {
        NodeFacts(
            isServing: isServing,
            process: 77,
            isUnsealed: true,
            peerCount: 0,
            limits: LimitFacts(openFiles: 20_000, openFilesMax: 20_000),
            clocks: [],
            silent: [],
            protocols: [:],
            sample: CatalogSample()
        )
    }

    @Test func `A node that does not answer, has no keys, or cannot be opened is a problem`() {
        var state = NodeState(facts: Self.node(), mending: Self.mending)
        #expect(state.findings.map(\.severity) == [.ok])
        state.facts?.isUnsealed = false
        #expect(state.findings.map(\.severity) == [.problem])
        #expect(state.findings[0].mend == "kill 77; iom serve --root /r")
        state.facts = Self.node(isServing: false)
        #expect(state.findings.map(\.severity) == [.ok])
        state.failure = .silent
        #expect(state.findings.map(\.severity) == [.problem])
        #expect(state.findings[0].words.contains("77"))
        state.failure = .failed("private/birth is damaged", mend: "x")
        #expect(state.findings.map(\.words) == ["private/birth is damaged"])
    }

    @Test func `A port that is taken, or where nobody listens although it is asked for, is a problem`() {
        let wanted = Listening(host: "0.0.0.0", port: 8765)
        var facts = PortFacts(configured: wanted, trial: .free, mending: Self.mending)
        #expect(facts.findings.map(\.severity) == [.warning])
        facts.isRunning = true
        #expect(facts.findings.map(\.severity) == [.problem])
        #expect(facts.findings[0].mend == "kill 77; iom serve --root /r")
        facts.endpoint = "ws://192.0.2.10:8765"
        #expect(facts.findings.map(\.severity) == [.ok])
        facts = PortFacts(configured: wanted, trial: .taken, freePort: 40_000, mending: Self.mending)
        #expect(facts.findings.map(\.severity) == [.problem])
        #expect(facts.findings[0].mend == "iom serve --listen 0.0.0.0:40000 --root /r")
        for (trial, severity) in [(.foreign, .problem), (.reserved, .problem), (.failed("?"), .unknown)]
            as [(PortFacts.Trial, Finding.Severity)]
        {
            facts.trial = trial
            #expect(facts.findings.map(\.severity) == [severity])
            #expect(severity != .problem || facts.findings[0].mend != nil)
        }
        // Nobody asked for it: then it is not a problem.
        facts.configured = nil
        for (trial, severity) in [(.free, .ok), (.taken, .warning)] as [(PortFacts.Trial, Finding.Severity)] {
            (facts.trial, facts.isRunning) = (trial, false)
            #expect(facts.findings.map(\.severity) == [severity])
            facts.isRunning = true
            #expect(facts.findings.map(\.severity) == [.ok])
        }
    }

    @Test func `Clocks are compared as closely as the way of the answer allows`() {
        func severity(_ ahead: Double?, _ uncertainty: Double = 0.01) -> [Finding.Severity] {
            ClockFacts(clocks: [.init(name: "laptop", secondsAhead: ahead, uncertainty: uncertainty)], hasPeers: true)
                .findings.map(\.severity)
        }
        #expect(severity(0.5) == [.ok] && severity(-0.5) == [.ok])
        #expect(severity(30) == [.warning] && severity(-30) == [.warning])
        #expect(severity(-3_600) == [.problem] && severity(61) == [.problem])
        #expect(severity(nil) == [.unknown])
        // An answer that took ten seconds says little, and does not accuse.
        #expect(severity(4, 5) == [.unknown] && severity(3_600, 5) == [.problem])
        let behind = ClockFacts(clocks: [.init(name: "laptop", secondsAhead: -3_600)])
        #expect(behind.findings[0].words.contains("3600.0 s behind"))
        #expect(behind.findings[0].mend == "sudo timedatectl set-ntp true")
        #expect(ClockFacts().findings.map(\.severity) == [.ok])
        #expect(ClockFacts(hasPeers: true).findings.map(\.severity) == [.unknown])
        #expect(ClockFacts(silent: ["phone"], hasPeers: true).findings.map(\.severity) == [.unknown])
        // Asked 200 ms ago, half of it on the way here: it is as late there as here.
        let equal = PeerClock(name: "laptop", theirs: 999_900, ours: 1_000_000, trip: .milliseconds(200))
        #expect(equal.secondsAhead.map { abs($0) < 0.000_1 } == true && equal.uncertainty > 0.1)
    }

    @Test func `Each way in which catalog and files differ is a problem that fsck mends`() {
        let hash = ObjectHash(of: [1]), other = ObjectHash(of: [2])
        var facts = CatalogFacts(sample: CatalogSample(heldCount: 9, soughtCount: 9), mending: Self.mending)
        #expect(facts.findings.map(\.severity) == [.ok])
        #expect(facts.findings[0].words.contains("all 9"))
        facts.sample.heldCount = 1_000
        #expect(facts.findings[0].words.contains("9 of 1000"))
        let lists: [WritableKeyPath<CatalogSample, [ObjectHash]>] = [
            \.missing, \.misshapen, \.wrong, \.unreadable, \.unnoted,
        ]
        for list in lists {
            var facts = facts
            facts.sample[keyPath: list] = [hash, other]
            #expect(facts.findings.map(\.severity) == [.problem])
            #expect(facts.findings[0].words.contains(hash.hex) && facts.findings[0].words.contains("1 more"))
            let mend = list == \.unreadable ? "ls -l /r/objects" : "iom fsck --repair --root /r"
            #expect(facts.findings[0].mend == mend)
        }
    }
}
