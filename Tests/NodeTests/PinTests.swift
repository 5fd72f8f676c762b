import Foundation
import SystemPackage
import Testing

/// What the owner asked to keep on a device that keeps little.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(5)))
struct PinTests {
    /// A conversation with pictures, and a device that has none of them.
    private func setUp(_ home: Household) async throws -> (archive: Instance, laptop: Instance, here: FilePath) {
        let archive = try await home.adoptAlice()
        try await archive.serve()
        let laptop = try await home.join(to: archive)
        let here = try await laptop.mount()
        try await laptop.synced(with: archive)
        return (archive, laptop, here)
    }

    /// Whether everything below a path is on this device.
    private func isHere(_ path: String, _ laptop: Instance) async throws -> Bool {
        let pin = try #require(try await laptop.json("pin").first { $0["pin"] as? String == path })
        return pin["files"] as? Int == pin["localFiles"] as? Int
    }

    @Test func `A pinned conversation comes here, with what is attached to it later`() async throws {
        try await Household.with { home in
            let (archive, laptop, here) = try await setUp(home)
            let photo = try await home.find("*.png", in: here)
            let conversation = photo.removingLastComponent().removingLastComponent()
            let path = "conversations/" + (conversation.lastComponent?.string ?? "")
            #expect(try await laptop.succeed("pin", path).output.hasPrefix("\(path)  ("))
            try await eventually("all of it is here") { try await isHere(path, laptop) }
            #expect(try await laptop.succeed("pin", "--why", photo.string).output == "pinned by \(path)\n")

            try home.write("new", to: home.directory.appending("menu.txt"))
            try await archive.succeed(
                "say",
                conversation.lastComponent?.string ?? "",
                "look",
                "--attach",
                home.directory.appending("menu.txt").string
            )
            try await eventually("it is shown") {
                try await home.sh("find '\(conversation)' -name '*menu.txt'").lines.count == 1
            }
            let menu = try await home.find("*menu.txt", in: here)
            try await eventually("it came by itself") {
                try await home.sh("getfattr --only-values -n user.iom.local '\(menu)'").output == "yes"
            }

            // Without the archive it is read as before, also after a restart.
            try await archive.stop()
            try await laptop.stop()
            try await laptop.mount()
            #expect(try await home.cat(menu).output == "new")
            #expect(try await laptop.succeed("unpin", path).output == "\(path) is no longer pinned\n")
            #expect(try await laptop.succeed("pin").output == "")
            #expect(try await laptop.iom("unpin", path).errors == "iom: `\(path)` is not pinned\n")
        }
    }

    @Test func `A file is pinned in the mount by its attribute`() async throws {
        try await Household.with { home in
            let (_, laptop, here) = try await setUp(home)
            let photo = try await home.find("*.png", in: here)
            func attribute(_ name: String) async throws -> String {
                try await home.sh("getfattr --only-values -n user.iom.\(name) '\(photo)'").output
            }
            #expect(try await attribute("pinned") == "no")
            try await home.sh("setfattr -n user.iom.pinned -v yes '\(photo)'").mustSucceed()
            #expect(try await attribute("pinned") == "yes")
            try await eventually("it is fetched") { try await attribute("local") == "yes" }
            let listed = try #require(try await laptop.json("pin").first)
            #expect(photo.string.hasSuffix(listed["pin"] as? String ?? "-"))
            #expect(listed["localFiles"] as? Int == 1)
            try await home.sh("setfattr -n user.iom.pinned -v yes '\(here)/conversations'").mustSucceed()
            let refusal = try await home.sh("setfattr -x user.iom.pinned '\(photo)'")
            #expect(refusal.exitCode != 0 && refusal.errors.contains("busy"))
        }
    }

    @Test func `What does not fit is told, and the rest is kept`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            try laptop.configure("storage", "max_storage = \"55MB\"")
            try await home.sh("mkdir big && for i in 1 2 3; do head -c 20000000 /dev/urandom > big/$i; done")
                .mustSucceed()
            try await archive.succeed("add", home.directory.appending("big").string)
            try await laptop.mount()
            try await eventually("it is known") { try await laptop.iom("ls", "files/big").lines.count == 3 }
            let outcome = try await laptop.iom("pin", "files/big")
            #expect(outcome.exitCode == 3)
            #expect(outcome.errors.contains("1 pinned file(s), 20.0 MB, do not fit into 55.0 MB"))
            try await eventually("two are here") {
                try await laptop.json("pin").first?["localFiles"] as? Int == 2
            }
        }
    }
}
