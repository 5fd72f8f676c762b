import Foundation
import Objects
import SystemPackage
import Testing

/// Giving everything to ONE.CORE.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(5)))
struct ExportTests {
    @Test func `What was written here comes back from an export with every message and head`() async throws {
        try await Household.with { home in
            let archive = try await home.adoptAlice()
            let title = try #require(try await archive.json("conversations").first?["title"] as? String)
            let picture = home.directory.appending("picture.bin")
            try home.write(SeededRandom(seed: 5).bytes(300_000), to: picture)
            try await archive.serve()
            try await archive.run(["say", title, "Written here", "--attach", picture.string]).mustSucceed()

            let secret = home.directory.appending("new-secret")
            try home.write("the new secret\n", to: secret, mode: 0o600)
            let base = home.directory.appending("OneDB")
            try await archive.succeed("export", "one", base.string, "--secret-file", secret.string)
            let again = try await archive.iom("export", "one", base.string, "--secret-file", secret.string)
            #expect(again.exitCode == 1 && again.errors.contains("name another directory"))

            let other = try home.instance("other")
            try await other.succeed(
                "adopt",
                base.string,
                "--root",
                other.root.string,
                "--secret-file",
                secret.string
            )
            let heads = "cd '%' && find heads -type f | sort | xargs sha256sum"
            let (left, right) = (
                try await home.sh(heads.replacing("%", with: archive.root.string)).mustSucceed(),
                try await home.sh(heads.replacing("%", with: other.root.string)).mustSucceed()
            )
            // Adopted anew it is registered anew.
            let changed = Set(left.lines).symmetricDifference(right.lines)
            #expect(changed.count <= 2, "\(changed)")
            for conversation in try await archive.json("conversations") {
                let id = try #require(conversation["id"] as? String)
                #expect(try await archive.succeed("log", id).output == other.succeed("log", id).output)
            }
            try await other.succeed("fsck")
        }
    }

    @Test func `A device that has not everything says what it left out`() async throws {
        try await Household.with { home in
            let archive = try await home.adoptAlice()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            try await laptop.serve()
            try await laptop.synced(with: archive)
            let secret = home.directory.appending("new-secret")
            try home.write("the new secret\n", to: secret, mode: 0o600)
            let base = home.directory.appending("OneDB")
            let outcome = try await laptop.iom("export", "one", base.string, "--secret-file", secret.string)
            #expect(outcome.exitCode == 3 && outcome.output.contains("not on this device"), "\(outcome.output)")
        }
    }
}
