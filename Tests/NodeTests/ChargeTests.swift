import Foundation
import Glibc
import Node
import Objects
import SystemPackage
import Testing

/// What an instance says it takes of its disk is what `du` says, and the quota is a promise.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(5)))
struct ChargeTests {
    @Test func `What is charged is what du counts`() async throws {
        try await Household.with { home in
            let archive = try await home.demo()
            for (number, byteCount) in [0, 1, 4096, 4097, 100_000, 6_000_000].enumerated() {
                _ = try await archive.put(Dice(seed: UInt64(number)).bytes(byteCount), in: home)
            }
            try await expectCharge(of: archive, in: home)
            try await archive.serve()
            try await expectCharge(of: archive, in: home)
            let laptop = try await home.join(to: archive)
            let mount = try await laptop.mount()
            let hash = try await archive.put(Dice(seed: 9).bytes(9_000_000), in: home)
            try await laptop.synced(with: archive)
            // Parts of a large one, and all of small ones.
            try await home.sh("dd if='\(mount.object(hash))' bs=1 count=10 skip=5000000 status=none").mustSucceed()
            try await home.sh("cat '\(mount)'/conversations/*/*/*.md | wc -c").mustSucceed()
            try await expectCharge(of: laptop, in: home)
            try await laptop.stop()
            // The totals are made again with the catalog.
            try await home.sh("rm '\(laptop.root)/catalog.sqlite'*").mustSucceed()
            try await expectCharge(of: laptop, in: home)
        }
    }

    @Test func `What does not fit the quota is read and not kept`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            let quota = 16_000_000
            try laptop.configure("storage", "max_storage = \"\(quota)B\"")
            let mount = try await laptop.mount()
            var objects: [(ObjectHash, [UInt8])] = []
            for number in 0..<60 {
                let bytes = Dice(seed: UInt64(number)).bytes(number == 20 ? 20_000_000 : 300_000)
                objects.append((try await archive.put(bytes, in: home), bytes))
            }
            try await laptop.synced(with: archive)
            for (hash, bytes) in objects {
                #expect(try await home.sh("cat '\(mount.object(hash))'").outputBytes == bytes)
                #expect(try await home.use(of: laptop) <= quota)
            }
            #expect(objects.contains { laptop.holds($0.0) })
            let size = try await home.sh("stat -f -c '%b %S' '\(mount)'").output.split(separator: " ")
            let blocks = size.compactMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
            #expect(blocks.count == 2 && blocks[0] * blocks[1] <= quota)
        }
    }

    /// Compares with `du`; a moment of work of the node may lie between.
    private func expectCharge(
        of instance: Instance,
        in home: Household,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        var seen: [String] = []
        for _ in 0..<20 {
            let (used, disk) = (try await instance.status().storage.used, try await home.use(of: instance))
            seen.append("\(used) instead of \(disk)")
            // The journal of the catalog comes and goes with who looks.
            if abs(used - disk) <= 64 << 10 { return }
        }
        Issue.record("charged \(seen)", sourceLocation: sourceLocation)
    }
}
