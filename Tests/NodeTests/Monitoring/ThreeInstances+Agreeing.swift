import Foundation
import Node
import SystemPackage
import Testing

extension ThreeInstances {
    /// The events of all three, over restarts: so many of each type, and no others.
    func eventsAgree(stuckCount: Int) async throws {
        for instance in [archive, laptop, phone] {
            try await eventually("objects are told of as they are counted") {
                let status = try await instance.status()
                return status.events("object-received") == status.received.objects
                    && status.events("object-sent") == status.sent.objects
            }
        }
        try await eventually("the laptop has heard of the revocation") {
            try await laptop.eventCounts()["revoked"] == 1
        }
        let (there, phoneThere) = (try await archive.status(), try await phone.status())
        try await expect(
            archive,
            [
                "registered": 2...2, "connection-established": 5...5, "revoked": 1...1, "corrupt-object failed": 1...1,
                // The phone was shown out; the laptop was lost three times.
                "connection-closed": 1...1, "connection-closed failed": 3...3,
                "object-received": exactly(there.received.objects), "object-sent": exactly(there.sent.objects),
                // What a device drops by itself is news where it happened while it was away.
                "sync-completed": 3...4,
            ]
        )
        // Its last seconds before it was killed are not written: objects are told of every other second.
        try await expect(
            laptop,
            [
                "connection-established": 4...4, "connection-closed failed": 2...2, "revoked": 1...1,
                "connection-failed failed": exactly(laptopRelay.refusedCount),
                "fetch-failed failed": exactly(stuckCount),
                "object-received": 0...Int.max, "object-sent": 0...Int.max, "evicted": 1...Int.max,
                "sync-completed": 1...2,
            ]
        )
        try await expect(
            phone,
            [
                "connection-established": 1...1, "sync-completed": 1...1, "connection-closed": 1...1,
                "connection-closed failed": 1...1,
                "fetch-failed failed": exactly(phoneThere.fetches("refused")),
                "object-received": exactly(phoneThere.received.objects),
                "object-sent": exactly(phoneThere.sent.objects),
            ]
        )
    }

    private func exactly(_ count: Int) -> ClosedRange<Int> { count...count }

    private func expect(_ instance: Instance, _ expected: [String: ClosedRange<Int>]) async throws {
        let counts = try await instance.eventCounts()
        #expect(Set(counts.keys) == Set(expected.keys), "\(instance.name)")
        for (type, count) in counts {
            #expect(expected[type]?.contains(count) == true, "\(instance.name): \(count) \(type)")
        }
    }

    /// Waits until every view of an instance is of one instant, and then they have to say the same.
    func viewsAgree(of instance: Instance) async throws {
        if try await instance.status().mounts.isEmpty { try await instance.mount() }
        var visitor = try await DashboardVisitor(at: instance)
        try await visitor.signIn()
        try await eventually("the views of \(instance.name) are of one instant", within: .seconds(30)) {
            guard let views = try await AllViews(of: instance, in: instance.mountPoint, by: visitor) else {
                return false
            }
            let differences = try views.differences()
            #expect(differences.isEmpty, "\(instance.name): \(differences.joined(separator: "; "))")
            return true
        }
        try await eventually("other commands say the same of \(instance.name)") {
            let status = AllViews.steadyFigures(try await instance.succeed("status", "--json").output)
            let top = AllViews.steadyFigures(try await instance.succeed("top", "--json", "--count", "1").output)
            let stats = AllViews.steadyFigures(try await instance.succeed("stats", "--json").output)
            return status == top
                && status.filter { $0.key.hasPrefix("stats.") }
                    == Dictionary(uniqueKeysWithValues: stats.map { ("stats." + $0.key, $0.value) })
        }
        try await eventually("the events of \(instance.name) are told alike") {
            let events = try await instance.succeed("events", "--json").output
            let file = try String(
                contentsOfFile: instance.mountPoint.appending(".iom/status/events.jsonl").string,
                encoding: .utf8
            )
            let page = AllViews.eventCounts(try AllViews.json(try await visitor.get("/state.json").body))
            let last = try await instance.json("events").suffix(60).map { "\($0["id"] ?? 0) \($0["count"] ?? 0)" }
            return events == file && page == last
        }
    }
}
