import Foundation
import Node
import SystemPackage
import Testing

/// `rsync` of what is shown, and of the root.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(5)))
struct BackupTests {
    @Test func `A second rsync of the mount transfers nothing and changes no time`() async throws {
        try await Household.with { home in
            let archive = try await home.adoptAlice()
            let shown = try await archive.mount()
            try await home.sh("rsync -a \(shown)/ copy/").mustSucceed()
            let look = "find copy -printf '%P %s %T@ %C@ %i %m\\n' | sort"
            let copy = try await home.sh(look).output
            // Also after a remount.
            try await archive.stop()
            try await archive.mount()
            let second = try await home.sh("rsync -ai --stats \(shown)/ copy/").mustSucceed()
            #expect(second.lines.first?.hasPrefix("Number of files:") == true)
            #expect(second.output.contains("Number of regular files transferred: 0\n"))
            #expect(second.output.contains("Number of created files: 0\n"))
            #expect(try await home.sh(look).output == copy)
            #expect(try await home.sh("test -e copy/.iom").exitCode == 1)
            #expect(try await home.sh("diff -r \(shown) copy").exitCode == 0)
        }
    }

    @Test func `A copy of the root is a whole instance`() async throws {
        try await Household.with { home in
            let archive = try await home.adoptAlice()
            let shown = try await archive.mount()
            let listing = try await home.listing(shown)
            let copy = try home.instance("copy")
            // Taken while it runs.
            try await home.sh("rsync -aF \(archive.root)/ \(copy.root)/").mustSucceed()
            let names = try await home.sh("ls -A \(copy.root)").lines
            #expect(names.allSatisfy { !$0.hasPrefix("catalog") && $0 != "lock" && $0 != "control.sock" })
            // The secret is kept elsewhere.
            #expect(try await copy.iom("say", "Projekt", "Hallo").exitCode == 1)
            try await home.sh("mkdir copy/config && cp -a archive/config/iom copy/config/").mustSucceed()
            #expect(try await home.listing(try await copy.mount()) == listing)
            #expect(try await copy.json("log", "Projekt").count == archive.json("log", "Projekt").count)
        }
    }
}
