import Foundation
import Node
import Testing

/// A device that was lost.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(5)))
struct RevocationTests {
    @Test func `Revoking ends a live session at once, and the device learns and fetches nothing more`()
        async throws
    {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            let mount = try await laptop.mount()
            let dice = Dice(seed: 4)
            let (here, absent) = (
                try await archive.put(dice.bytes(3_000), in: home), try await archive.put(dice.bytes(3_000), in: home)
            )
            try await laptop.synced(with: archive)
            #expect(try await home.sh("cat '\(mount.object(here))'").outputBytes.count == 3_000)
            try await archive.succeed("revoke", "laptop")
            try await eventually("the session ends") { try await laptop.status().connections.isEmpty }
            #expect(try await archive.status().connections.isEmpty)
            let later = try await archive.put(dice.bytes(3_000), in: home)
            // It dials again, and is told why it is not let in; once.
            try await eventually("it is told") {
                try Instance.events(in: mount).contains {
                    ($0["details"] as? String)?.contains("refused: revoked") == true
                }
            }
            let outcome = try await home.sh("timeout 10 cat '\(mount.object(absent))'")
            #expect(outcome.errors.contains("Permission denied"), "\(outcome.errors)")
            let reason = try await home.sh("getfattr --only-values -n user.iom.error '\(mount.object(absent))'").output
            #expect(reason.contains("archive refused") && reason.contains("revoked"), "\(reason)")
            #expect(try await home.sh("cat '\(mount.object(later))'").errors.contains("No such file"))
            // What it holds stays its own.
            #expect(try await home.sh("cat '\(mount.object(here))'").outputBytes.count == 3_000)
            #expect(try await archive.status().connections.isEmpty)
            let told = try Instance.events(in: mount).count { ($0["details"] as? String)?.hasPrefix("refused") == true }
            #expect(told == 1)
        }
    }
}
