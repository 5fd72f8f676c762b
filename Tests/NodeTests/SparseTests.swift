import Foundation
import Node
import Objects
import SystemPackage
import Testing

/// A device that keeps the essentials: it shows everything, and has hardly any of it.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(5)))
struct SparseTests {
    /// Waits until two mounts show the same names, sizes, times and inode numbers.
    private func expectSame(_ home: Household, _ here: FilePath, _ there: FilePath) async throws {
        var difference: [String] = []
        do {
            try await eventually("the trees are equal", pause: .milliseconds(200)) {
                let (left, right) = (try await home.listing(here), try await home.listing(there))
                difference = Set(left).symmetricDifference(right).sorted()
                return difference.isEmpty
            }
        } catch {
            Issue.record("\(difference.prefix(20))")
            throw error
        }
    }

    @Test func `The tree of a minimal device is that of the archive, without its messages`() async throws {
        try await Household.with { home in
            let archive = try await home.adoptAlice()
            try await archive.serve()
            let phone = try await home.join(name: "phone", role: "minimal", to: archive)
            let (there, here) = (try await archive.mount(), try await phone.mount())
            try await expectSame(home, here, there)
            let few = try await home.objects(of: phone).count
            let all = try await home.objects(of: archive).count
            #expect(few < all / 2, "\(few) of \(all)")
            let compare = "cd '\(there)' && find . -name about.md -o -name '*.vcf' -o -type l | sort | xargs -d '\\n' "
            let texts = try await home.sh(compare + "cat").mustSucceed().output
            #expect(texts.count > 1_000)
            #expect(try await home.sh(compare.replacing("\(there)", with: "\(here)") + "cat").output == texts)

            // It is the same after a restart, without anybody to ask, and after the catalog was lost.
            try await phone.stop()
            try await archive.stop()
            try await phone.mount()
            let listing = try await home.listing(here)
            #expect(listing.count > 50)
            try await phone.stop()
            try await home.sh("rm '\(phone.root)'/catalog*").mustSucceed()
            try await archive.mount()
            try await archive.stop()
            try await archive.serve()
            try await archive.mount()
            try await phone.mount()
            try await expectSame(home, here, there)
            #expect(try await home.listing(here) == listing)
        }
    }

    @Test func `An old day is fetched when it is read, and listed without anybody`() async throws {
        try await Household.with { home in
            let archive = try await home.adoptAlice()
            try await archive.serve()
            let phone = try await home.join(name: "phone", role: "minimal", to: archive)
            // Nothing but what is read is to come.
            try phone.configure("load_on_demand", "lazy = [\"recent-messages\", \"old-messages\", \"files\"]")
            let (there, here) = (try await archive.mount(), try await phone.mount())
            try await expectSame(home, here, there)
            let days = try await home.sh("cd '\(there)' && find conversations -name '????-??-??.md' | sort").lines
            let (read, unread) = (try #require(days.first), try #require(days.last))
            #expect(read != unread)
            try await eventually("what it must have is here") { try await phone.iom("check").exitCode == 0 }
            let held = Set(try await home.objects(of: phone).keys)
            #expect(try await home.sh("stat -c %b '\(here)/\(read)'").output == "1\n")
            #expect(try await phone.succeed("get", read).output == home.cat(there.pushing(FilePath(read))).output)
            #expect(
                try await home.cat(here.pushing(FilePath(read))).output
                    == home.cat(there.pushing(FilePath(read))).output
            )
            #expect(try await home.sh("stat -c %b '\(here)/\(read)'").output != "1\n")
            // What it says is known now; its objects are where they were, but for what an open conversation brings.
            let attached = Set(try Manifest.alice().attachments.compactMap(\.blobHash))
            #expect(Set(try await home.objects(of: phone).keys).subtracting(attached).isSubset(of: held))

            try await archive.stop()
            let listing = try await home.sh("ls -lR '\(here)/conversations'")
            #expect(listing.exitCode == 0 && listing.output.contains(FilePath(unread).lastComponent?.string ?? "-"))
            #expect(try await home.cat(here.pushing(FilePath(read))).exitCode == 0)
            let failed = try await home.cat(here.pushing(FilePath(unread)))
            #expect(failed.exitCode == 1 && failed.errors.contains("Remote I/O error"))
            try await archive.serve()
            try await archive.mount()
            try await eventually("it is read when the archive is back") {
                try await home.cat(here.pushing(FilePath(unread))).exitCode == 0
            }
            #expect(try await home.sh("diff -r '\(there)' '\(here)'").mustSucceed().output == "")
            try await expectSame(home, here, there)
        }
    }

    @Test func `What is new at the archive shows, and what is written here is everywhere`() async throws {
        try await Household.with { home in
            let archive = try await home.demo(name: "archive")
            try await archive.serve()
            let phone = try await home.join(name: "phone", role: "minimal", to: archive)
            let (there, here) = (try await archive.mount(), try await phone.mount())
            try await expectSame(home, here, there)
            let topics = try await archive.json("conversations").compactMap { $0["id"] as? String }
            let topic = try #require(topics.first)
            let note = home.directory.appending("note.txt")
            try home.write(Array("a note\n".utf8), to: note)
            try await archive.succeed("say", topic, "From the archive", "--attach", note.string)
            try await expectSame(home, here, there)
            for text in ["One", "Two", "Three"] { try await phone.succeed("say", topic, text) }
            try await eventually("it is posted") {
                try await archive.succeed("log", topic).output.contains("Three")
            }
            try await expectSame(home, here, there)
            try await phone.succeed("add", note.string)
            try await expectSame(home, here, there)
            #expect(try await home.sh("cat '\(there)/files/note.txt'").output == "a note\n")
            try await archive.succeed("add", home.aFolder(of: 5).string)
            try await expectSame(home, here, there)
        }
    }
}

extension Household {
    /// A folder with so many small files.
    fileprivate func aFolder(of count: Int) throws -> FilePath {
        let folder = directory.appending("folder")
        try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
        for index in 0..<count { try write(Array("file \(index)".utf8), to: folder.appending("\(index).txt")) }
        return folder
    }
}
