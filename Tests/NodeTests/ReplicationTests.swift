import Node
import Objects
import Testing

/// What is known to be with a device that keeps everything.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ReplicationTests {
    @Test func `What is made on a laptop counts as being only there until the archive has proven to have it`()
        async throws
    {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            try await laptop.serve()
            try await laptop.synced(with: archive)
            try await eventually("nothing is only here") { try await laptop.status().stats.underReplicated == 0 }
            try await archive.stop()
            _ = try await laptop.put(Dice(seed: 31).bytes(5_000), in: home)
            _ = try await laptop.put(Dice(seed: 32).bytes(3_000_000), in: home)
            try await eventually("two are only here") { try await laptop.status().stats.underReplicated == 2 }
            let lines = try await laptop.succeed("status").output
            #expect(lines.contains("only here      2 object(s) that no device which keeps everything has yet"))
            try await archive.serve()
            try await eventually("the archive has proven it", within: .seconds(30)) {
                try await laptop.status().stats.underReplicated == 0
            }
            #expect(try await archive.status().stats.underReplicated == 0)
        }
    }

    @Test func `Revoking a device that alone has something says how much, and wants --force`() async throws {
        try await Household.with { home in
            let custodian = try await home.found(name: "desk")
            try custodian.configure("instance", "role = \"cache\"")
            try await custodian.serve()
            let laptop = try await home.join(to: custodian)
            try await laptop.serve()
            try await laptop.synced(with: custodian)
            let hash = try await laptop.put(Dice(seed: 33).bytes(5_000), in: home)
            try await custodian.synced(with: laptop)
            #expect(!custodian.holds(hash))
            let refused = try await custodian.iom("revoke", "laptop")
            #expect(refused.exitCode == 1)
            #expect(refused.errors.contains("`laptop` alone has 1 object (5.00 kB)"), "\(refused.errors)")
            #expect(refused.errors.contains("--force"))
            #expect(try await custodian.status().connections.count == 1)
            try await custodian.succeed("revoke", "laptop", "--force")
            try await eventually("it is shut out") { try await custodian.status().connections.isEmpty }
        }
    }
}
