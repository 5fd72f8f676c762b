import Foundation
import Testing

/// How soon a conversation of a new contact can be read.
@Suite(.serialized, .timeLimit(.minutes(2)), .enabled(if: PythonPeer.isThere && Household.canMount))
struct FirstSyncTests {
    @Test func `Two hundred messages of a new contact are in the tree, and how soon is told`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let mount = try await archive.mount()
            _ = try await PythonChum().meet(archive, in: home, isDialled: false)
            try await eventually("the last message is in the tree", within: .seconds(60)) {
                try await home.sh("cat '\(mount)'/conversations/*/latest.md | grep -q 'message 199'").exitCode == 0
            }
            let end = Date().timeIntervalSince1970
            let events = try await archive.json("events").filter { $0["type"] as? String == "connection-established" }
            let start = try #require(events.first?["timestamp"] as? Double)
            print("from the connection to the last of 200 messages in the tree: \(end - start / 1_000) s")
            let days = try await home.sh("cat '\(mount)'/conversations/*/2*/2*.md | grep -c 'message [0-9]'").output
            #expect(days == "200\n")
        }
    }
}
