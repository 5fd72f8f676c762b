import Catalog
import Foundation
import Objects
import Storage
import SystemPackage
import Testing

@testable import Node

/// Every device gets what its policy asks for, and nothing else ahead of its use.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct SupplyTests {
    /// Computed from what the archive knows, and compared with the files of the device; neither may run.
    private func expectMet(_ device: Instance, by archive: Instance) throws {
        let (node, knower) = (try device.open(), try archive.open())
        let activities = try knower.catalog.activities(openings: node.catalog.openings())
        let demand = Demand(node.policy, at: node.time.now, activities: activities)
        let room = try node.supplyRoom()
        let check = try PolicyCheck(demand, in: knower.catalog, room: room) { device.holds($0.hash) }
        #expect(check.withoutRoom == 0)
        #expect(check.isMet, "\(device.name): \(check.missing.prefix(3)) of \(check.missingCount)")
        #expect(check.demanded > 0)
        // What is not asked for was not brought.
        for file in try knower.catalog.fileObjects(missingOnly: false) where demand.ground(of: file.part) == nil {
            #expect(!device.holds(file.hash), "\(device.name) has \(file)")
        }
        let own = try PolicyCheck(node.demand(), in: node.catalog, room: room)
        #expect((own.demanded, own.demandedByteCount) == (check.demanded, check.demandedByteCount))
        // A look at the newest finds what a look at everything does.
        for policy in [node.policy, .preset(of: .cache), .preset(of: .minimal)] {
            let demand = Demand(policy, at: node.time.now, activities: activities)
            let few = DemandedObjects(of: demand, in: knower.catalog)
            let all = DemandedObjects(of: demand, in: knower.catalog, isExhaustive: true)
            #expect(try few.days() == all.days())
            #expect(try few.files(missingOnly: false).count == all.files(missingOnly: false).count)
        }
    }

    /// What each policy asks for of what an archive knows, which is not running.
    private func demanded(_ policies: [String: Policy], of archive: Instance) throws -> [String: [ObjectHash]] {
        let node = try archive.open()
        return try policies.mapValues { policy in
            let demand = Demand(policy, at: node.time.now, activities: try node.catalog.activities())
            let objects = DemandedObjects(of: demand, in: node.catalog, isExhaustive: true)
            let items = try objects.contacts() + objects.messages() + objects.files(missingOnly: false)
            return items.map(\.object.hash)
        }
    }

    @Test func `Roles and strategies are kept, by what the archive knows`() async throws {
        try await Household.with { home in
            let archive = try await home.demo(
                "--conversations",
                "3",
                "--messages",
                "200",
                "--attachments",
                "30",
                "--years",
                "1"
            )
            var long = Policy.preset(of: .cache)
            (long.keepRecentDays, long.strategies[.file]) = (120, .recentFirst)
            let expected = try demanded(["laptop": long, "phone": .preset(of: .minimal)], of: archive)
            try await archive.serve()
            let cache = try await home.join(name: "laptop", to: archive)
            try cache.configure("storage", "keep_recent_days = 120\nmax_object_age = \"120d\"")
            try cache.configure("sync.strategies", "File = \"recent-first\"")
            let phone = try await home.join(name: "phone", role: "minimal", to: archive)
            for device in [cache, phone] {
                try await device.serve()
                try await eventually("\(device.name) has what it must", pause: .milliseconds(100)) {
                    expected[device.name]?.allSatisfy(device.holds) == true
                }
                try await eventually("\(device.name) knows it") { try await device.iom("check").exitCode == 0 }
            }
            let reports = try await cache.json("check")
            let policy = try #require(reports.first?["policy"] as? [String: Any])
            let reasons = try #require(policy["reasons"] as? [String: Int])
            #expect((reasons["File = recent-first, the last 120 days"] ?? 0) > 0, "\(reasons)")
            for instance in [cache, phone, archive] { try await instance.stop() }
            try expectMet(cache, by: archive)
            try expectMet(phone, by: archive)
        }
    }

    @Test func `What does not fit is the oldest`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let folder = home.directory.appending("many")
            let line = """
                mkdir many && for i in $(seq 10 39); do head -c 300000 /dev/urandom > many/$i; \
                touch -d 2024-01-$(( i - 9 )) many/$i; done
                """
            try await home.sh(line).mustSucceed()
            try await archive.succeed("add", folder.string)
            let cache = try await home.join(to: archive)
            try cache.configure("storage", "max_storage = \"14MB\"")
            try cache.configure("sync.strategies", "File = \"full-sync\"")
            try await cache.serve()
            try await cache.synced(with: archive)
            let files = try await home.sh("cd many && ls -r | xargs sha256sum").mustSucceed().lines
            let hashes = files.compactMap { ObjectHash(hex: $0.prefix(64)) }
            #expect(hashes.count == 30)
            try await eventually("some came") { hashes.filter(cache.holds).count >= 6 }
            // What is made meanwhile goes to the archive, and makes the cache look again.
            try home.write("a note\n", to: home.directory.appending("note.txt"))
            try await cache.succeed("add", home.directory.appending("note.txt").string)
            let note = ObjectHash(of: Array("a note\n".utf8))
            try await eventually("the archive has the note") { archive.holds(note) }
            var local: [Bool] = []
            try await eventually("the newest are here, and no others") {
                local = hashes.map(cache.holds)
                return local == local.sorted { $0 && !$1 }
            }
            #expect((6...16).contains(local.count { $0 }), "\(local)")
            let report = try #require(
                (try JSONSerialization.jsonObject(with: Data(try await cache.iom("check", "--json").outputBytes)))
                    as? [String: Any]
            )
            #expect(report["quota"] as? Int == 14_000_000)
            let policy = try #require(report["policy"] as? [String: Any])
            let (away, missing) = (policy["withoutRoom"] as? Int ?? 0, policy["missingCount"] as? Int ?? 0)
            #expect(away + missing == local.count { !$0 } && missing <= 1, "\(policy)")
        }
    }

    @Test func `What is written on a sparse device is at the archive at once`() async throws {
        try await Household.with { home in
            let archive = try await home.demo("--conversations", "1", "--messages", "20")
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            try await laptop.serve()
            try await laptop.synced(with: archive)
            let topic = try #require(try await laptop.json("conversations").first?["id"] as? String)
            let photo = home.directory.appending("photo.jpg")
            try await home.sh("head -c 3000000 /dev/urandom > photo.jpg").mustSucceed()
            let hash = ObjectHash(of: try [UInt8](Data(contentsOf: URL(filePath: photo.string))))
            try await laptop.succeed("say", topic, "Look", "--attach", photo.string)
            try await eventually("the archive has the attachment") { archive.holds(hash) }
            try await home.sh("head -c 5000 /dev/urandom > letter").mustSucceed()
            let letter = ObjectHash(
                of: try [UInt8](Data(contentsOf: URL(filePath: home.directory.appending("letter").string)))
            )
            try await laptop.succeed("add", home.directory.appending("letter").string)
            try await eventually("the archive has the file") { archive.holds(letter) }
            let held = Set(try await home.objects(of: laptop).keys)
            try await eventually("the archive has everything the laptop has") {
                try await held.isSubset(of: home.objects(of: archive).keys)
            }
        }
    }

    @Test func `A change of iom.toml counts without a restart, and a wrong one changes nothing`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            let node = try archive.open()
            let watch = PolicyWatch(node: node)
            var told: String?
            #expect(node.policy.keepsEverything)
            try archive.configure("storage", "keep_all_objects = false\nmax_storage = \"3GB\"")
            watch.look(&told)
            #expect(node.policy.maxStorage == ByteCount(3_000_000_000) && !node.policy.keepsEverything)
            try archive.configure("storage", "keep_all_objects = true")
            watch.look(&told)
            #expect(told?.contains("keep_all_objects") == true)
            #expect(node.policy.maxStorage == ByteCount(3_000_000_000) && !node.policy.keepsEverything)
            try archive.configure("storage", "max_storage = \"unlimited\"")
            watch.look(&told)
            #expect(told == nil && node.policy.keepsEverything)
        }
    }

    @Test func `The values that count are shown with where they come from`() async throws {
        try await Household.with { home in
            let device = try await home.found()
            try device.configure("storage", "keep_all_objects = false\nmax_storage = \"3GB\"")
            let shown = try await device.succeed("config", "show", "--effective").lines
            let line = try #require(shown.first { $0.hasPrefix("storage.max_storage") })
            #expect(line.contains("\"3GB\"") && line.contains("iom.toml, line "))
            #expect(
                shown.contains { $0.hasPrefix("storage.prune_strategy") && $0.contains("preset of the role archive") }
            )
            #expect(shown.contains { $0.hasPrefix("mount.no_open") && $0.contains("default") })
            #expect(try await device.succeed("config", "show").lines.allSatisfy { $0.contains("iom.toml, line ") })
            let json = try await device.json("config", "show", "--effective")
            let quota = try #require(json.first { $0["key"] as? String == "storage.max_storage" })
            #expect(quota["value"] as? String == "3GB" && (quota["origin"] as? [String: Any])?["line"] is Int)
            try device.configure("storage", "keep_recent_dys = 3")
            let refused = try await device.iom("status")
            #expect(refused.exitCode == 1 && refused.errors.contains("did you mean `keep_recent_days`?"))
        }
    }
}
