import Foundation
import Node
import Objects
import SystemPackage
import Testing

/// A device that joined, and shows what it does not have.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(5)))
struct LaptopTests {
    @Test func `It shows what the archive shows, holding no attachment, and fetches each thing once`() async throws {
        try await Household.with { home in
            let archive = try await home.adoptAlice()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            let (there, here) = (try await archive.mount(), try await laptop.mount())
            try await laptop.synced(with: archive)

            let listing = try await home.listing(there)
            #expect(listing.count > 50)
            #expect(Set(listing).symmetricDifference(try await home.listing(here)) == [])
            #expect(try await home.sh("ls -lR \(here)").exitCode == 0)
            // One file is empty: there is nothing to fetch.
            let blobs = Set(try Manifest.alice().attachments.filter { $0.size != 0 }.compactMap(\.blobHash))
            #expect(blobs.count > 20)
            #expect(blobs.isDisjoint(with: try await home.objects(of: laptop).keys))
            let (held, shown) = (try await home.du(here), try await home.du(here, "--apparent-size"))
            #expect(shown == (try await home.du(there, "--apparent-size")) && shown > 1_500_000)
            #expect(held < shown / 20)

            // Everything is read: what was away came, and came once.
            let (before, sent) = (try await home.objects(of: laptop), try await archive.status().sent)
            #expect(try await home.sh("diff -r \(there) \(here)").mustSucceed().output == "")
            // Readers are answered before what they read is kept.
            try await eventually("all is kept") {
                try await blobs.isSubset(of: home.objects(of: laptop).keys)
            }
            let fetched = try await home.objects(of: laptop).filter { before[$0.key] == nil }
            let sentThen = try await archive.status().sent
            #expect(Set(fetched.keys).symmetricDifference(blobs) == [])
            #expect(sentThen.objects - sent.objects == fetched.count)
            #expect(sentThen.bytes - sent.bytes == fetched.values.reduce(0, +))
            #expect(try await home.du(here) > shown)
            #expect(try await home.sh("diff -r \(there) \(here)").mustSucceed().output == "")
            #expect(try await archive.status().sent == sentThen)

            try await laptop.stop()
            try await archive.stop()
            try await archive.mount()
            try await laptop.mount()
            #expect(try await home.listing(there) == listing)
            #expect(try await home.listing(here) == listing)
        }
    }

    @Test func `Objects have the bytes of their names`() async throws {
        try await Household.with { home in
            let archive = try await home.adoptAlice()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            let here = try await laptop.mount()
            try await laptop.synced(with: archive)
            #expect(
                try await home.sh("ls -A \(here)").lines.sorted() == [
                    "README.md", "contacts", "conversations", "files",
                ]
            )
            let sums = try await home.sh("find \(here)/.iom/objects -type f -print0 | xargs -0 sha256sum").mustSucceed()
                .lines
            #expect(sums.count == (try await laptop.status().stats.totalObjects))
            #expect(sums.allSatisfy { $0.hasSuffix("/" + $0.prefix(64)) })
            // One that this device was never told of resolves too, unless nobody has it.
            #expect(
                try await home.sh("cat \(here)/.iom/objects/ab/ab\(String(repeating: "0", count: 62))").exitCode == 1
            )
        }
    }

    @Test func `An object nobody told of yet is found by its hash`() async throws {
        try await Household.with { home in
            let archive = try await home.adoptAlice()
            try await archive.serve()
            // Joined, and not connected since: it knows nothing but the owner.
            let laptop = try await home.join(to: archive)
            let names = try await home.objects(of: archive).keys.sorted()
            for name in [names.first, names.last] {
                let bytes = try await laptop.iom("get", try #require(name)).mustSucceed().outputBytes
                #expect(ObjectHash(of: bytes).hex == name)
            }
            let nowhere = String(repeating: "ab", count: 32)
            #expect(try await laptop.iom("get", nowhere).errors.contains("no instance has ever heard of it"))
        }
    }

    @Test func `Sixteen readers of one absent file fetch it once`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            let here = try await laptop.mount()
            let byteCount = 50 << 20
            let original = home.directory.appending("big")
            try await home.sh("head -c \(byteCount) /dev/urandom > big").mustSucceed()
            try await archive.succeed("add", original.string)
            let sum = try await home.sh("sha256sum < big").output
            let file = here.pushing("files/big")
            try await eventually("the file is shown") {
                try await home.sh("stat -c %s '\(file)'").output == "\(byteCount)\n"
            }
            let sent = try await archive.status().sent
            let readers = try (0..<16).map { _ in
                try home.start(Program(executable: "sh", arguments: ["-c", "sha256sum < '\(file)'"]))
            }
            for reader in readers { #expect(await reader.outcome(within: .seconds(30))?.output == sum) }
            let sentThen = try await archive.status().sent
            // Each chunk once, and the list of them.
            #expect(sentThen.objects == sent.objects)
            let byteCountSent = sentThen.bytes - sent.bytes
            #expect((byteCount..<byteCount + (64 << 10)).contains(byteCountSent))
        }
    }
}
