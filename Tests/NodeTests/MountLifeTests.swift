import Foundation
import Glibc
import Node
import SystemPackage
import Testing

/// How mounts of the program begin and end.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(5)))
struct MountLifeTests {
    @Test(arguments: [SIGTERM, SIGINT]) func `A signal unmounts, and the program ends well`(signal: Int32) async throws
    {
        try await Household.with { home in
            let archive = try await home.found()
            let mount = try await archive.mount()
            #expect(try await archive.stop(signal).exitCode == 0)
            #expect(try await home.isMounted(mount) == false)
            // The same with a node that serves, and has two.
            try await archive.serve()
            let mounts = [try await archive.mount(), try await archive.mount("second")]
            for mount in mounts { #expect(try await home.sh("ls '\(mount)'").lines.contains("README.md")) }
            #expect(try await archive.stop(signal).exitCode == 0)
            for mount in mounts { #expect(try await home.isMounted(mount) == false) }
        }
    }

    @Test func `It can be unmounted from outside, and mounted again`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            for command in ["fusermount3 -u", "\(Household.program) umount"] {
                let mount = try await archive.mount()
                let process = try #require(archive.process)
                try await home.sh("\(command) '\(mount)'").mustSucceed()
                #expect(await process.outcome(within: .seconds(10))?.exitCode == 0)
                #expect(try await home.isMounted(mount) == false)
            }
            // A node that serves goes on.
            try await archive.serve()
            let mount = try await archive.mount()
            try await archive.succeed("umount", mount.string)
            try await eventually("it is unmounted") { try await archive.status().mounts.map(\.directory) == [] }
            #expect(try await archive.iom("umount", mount.string).exitCode == 1)
        }
    }

    @Test func `In the background it returns when ls works, and ends when it is unmounted`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            let mount = try home.folder("mount")
            for _ in 0..<2 {
                try await archive.succeed("mount", mount.string)
                #expect(try await home.sh("ls '\(mount)'").lines.contains("README.md"))
                #expect(try await archive.status().mounts.map(\.directory) == [mount.string])
                try await archive.succeed("umount", mount.string)
                // Nothing runs any more: the root is free again.
                try await eventually("the node ends") {
                    access(archive.root.appending("control.sock").string, F_OK) != 0
                }
            }
            let failure = try await archive.iom("mount", home.directory.appending("nowhere").string)
            #expect(failure.exitCode == 1 && failure.isOneSentence)
        }
    }

    @Test func `Status tells how local files are read, and why not by the kernel itself`() async throws {
        try await Household.with { home in
            let isRoot = geteuid() == 0
            let archive = try await home.found()
            try await archive.serve()
            try await archive.mount()
            try await archive.mount("spliced", "-o", "passthrough=off")
            let own = isRoot ? "passthrough" : "splice: not permitted (needs CAP_SYS_ADMIN)"
            #expect(try await archive.status().mounts.map(\.data) == [own, "splice: asked for"])
            let text = try await archive.succeed("status").output
            #expect(text.contains("mnt (\(own))") && text.contains("spliced (splice: asked for)"))
            for choice in ["maybe"] + (isRoot ? [] : ["on"]) {
                let refusal = try await archive.run([
                    "mount", try home.folder(choice).string, "-o", "passthrough=\(choice)",
                ])
                #expect(refusal.exitCode == 1 && refusal.isOneSentence, "\(refusal.errors)")
            }
            #expect(try await archive.status().mounts.count == 2)
            // As configured, and the mount option before it.
            try await archive.stop()
            try archive.configure("mount", "passthrough = \"off\"")
            try await archive.mount()
            #expect(try await archive.status().mounts.map(\.data) == ["splice: asked for"])
            try await archive.mount("other", "-o", "passthrough=auto")
            #expect(try await archive.status().mounts.map(\.data).last == own)
        }
    }

    @Test func `After its process was killed, it mounts again at the same place`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            let mount = try await archive.mount()
            for isServed in [false, true] {
                // The kernel remembers what it was told.
                _ = try await home.listing(mount)
                try await archive.stop(SIGKILL)
                #expect(try await home.sh("ls '\(mount)'").errors.contains("endpoint is not connected"))
                if isServed { try await archive.serve() }
                try await archive.mount()
                #expect(try await home.sh("ls '\(mount)'").lines.contains("README.md"))
            }
        }
    }

    @Test func `Places and roots that cannot be used are refused in a sentence`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            let mount = try await archive.mount()
            let inside = archive.root.appending("mount")
            try await home.sh("mkdir '\(inside)'; touch file").mustSucceed()
            for place in [inside, archive.root, home.directory, mount, home.directory.appending("file")] {
                let refusal = try await archive.iom("mount", place.string)
                #expect(refusal.exitCode == 1 && refusal.isOneSentence, "\(place): \(refusal.errors)")
            }
            #expect(try await archive.status().mounts.map(\.directory) == [mount.string])
            // Nobody else can run on the root of a running node.
            for arguments in [["serve", "--listen", "127.0.0.1:0"], ["mount", "-f", try home.folder("other").string]] {
                var second = archive.program(arguments)
                second.environment["IOM_ROOT"] = archive.root.string
                let refusal = try await second.run(within: .seconds(10))
                let process = try #require(archive.process)
                if arguments[0] == "serve" {
                    #expect(refusal.exitCode == 1 && refusal.isOneSentence)
                    #expect(refusal.errors.contains("\(process.processID)"))
                } else {
                    // The running node mounts it.
                    #expect(refusal.exitCode == 0)
                }
            }
            #expect(try await archive.stop().exitCode == 0)
            // A port that somebody else has.
            let other = try await home.found(name: "other-device")
            try await other.serve()
            let taken = try await archive.run(["serve", "--listen", "127.0.0.1:\(other.port)"])
            #expect(
                taken.exitCode == 1 && taken.isOneSentence && taken.errors.contains("\(other.port)"),
                "\(taken.errors)"
            )
            // Without a node that could refuse, too.
            for place in [inside, archive.root, home.directory] {
                for options in [[], ["-f"]] {
                    let refusal = try await archive.run(["mount", place.string] + options)
                    #expect(refusal.exitCode == 1 && refusal.isOneSentence, "\(place): \(refusal.errors)")
                }
            }
        }
    }
}

extension Household {
    func isMounted(_ path: FilePath) async throws -> Bool { try await sh("mountpoint -q '\(path)'").exitCode == 0 }
}

extension Program.Outcome {
    /// Whether nothing was printed but one sentence about what is wrong.
    var isOneSentence: Bool {
        let words = errors.split(separator: "\n", omittingEmptySubsequences: false)
        return output.isEmpty && words.count == 2 && words[1].isEmpty && words[0].hasPrefix("iom: ")
            && words[0].count > 15
    }
}
