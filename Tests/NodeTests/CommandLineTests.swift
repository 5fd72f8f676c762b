import Foundation
import Node
import SystemPackage
import Testing

/// The command line as people and scripts meet it.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct CommandLineTests {
    @Test func `Every command explains itself with an example`() async throws {
        try await Household.with { home in
            let instance = try home.instance("nobody")
            let help = try await instance.succeed("--help").lines
            // "  get, cat                Print …": names begin in the third column.
            let names = help.drop { !$0.contains("SUBCOMMANDS") }.filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
                .compactMap { $0.split(whereSeparator: { " ,".contains($0) }).first.map(String.init) }.filter {
                    $0 != "See"
                }
            #expect(names.count >= 20)
            for name in names {
                let text = try await instance.succeed(name, "--help").output
                #expect(text.contains("Example:  iom \(name)"), "\(name)")
            }
            #expect(try await instance.succeed("--version").output.first?.isNumber == true)
        }
    }

    @Test func `Exit codes tell done, failed, usage and partly`() async throws {
        try await Household.with { home in
            let nobody = try home.instance("nobody")
            for usage in [
                ["frobnicate"], ["log"], ["status", "--frobnicate"], ["init", "--role", "emperor"], ["say", "x"],
            ] {
                let outcome = try await nobody.run(usage)
                #expect(
                    outcome.exitCode == 2 && outcome.output.isEmpty && !outcome.errors.isEmpty,
                    "\(usage): \(outcome)"
                )
            }
            let instance = try await home.found()
            let failures = [
                ["log", "Nowhere"], ["say", "Nowhere", "Hello"], ["get", "files/nothing"], ["ls", "nowhere"],
                ["add", "/nonexistent"], ["put", "/nonexistent"], ["fetch", "files/nothing"], ["revoke", "nobody"],
                ["join", "https://example.org/#nonsense"], ["umount", home.directory.string],
                ["init", "--name", "again"],
                ["mount", "-o", "frobnicate", home.directory.string], ["serve", "--listen", "nonsense"],
                ["adopt", home.directory.string, "--root", home.directory.appending("new").string],
                ["say", "Nowhere", "Hello", "--attach", "/nonexistent"],
            ]
            for arguments in failures {
                let outcome = try await instance.run(arguments)
                #expect(outcome.exitCode == 1 && outcome.isOneSentence, "\(arguments): \(outcome)")
            }
            for arguments in [["status"], ["conversations"], ["peers"], ["doctor"], ["invite"]]
            where arguments != ["invite"] {
                #expect(try await nobody.run(arguments).exitCode == 1, "\(arguments)")
            }
            #expect(try await nobody.iom("status").isOneSentence)
        }
    }

    @Test func `A store with a damaged object is adopted in part, and says so`() async throws {
        try await Household.with { home in
            try await home.sh("cp -r '\(Household.aliceStore)' source && chmod -R u+w source").mustSucceed()
            let victim = try #require(
                try await home.sh("find source -path '*/objects/*' -size +100k | sort").lines.first
            )
            try await home.sh("printf X | dd of='\(victim)' bs=1 seek=5000 conv=notrunc").mustSucceed()
            let archive = try home.instance("archive")
            try home.write("alice-secret\n", to: home.directory.appending("secret"), mode: 0o600)
            let base = home.directory.appending("source").string
            let secret = home.directory.appending("secret").string
            let outcome = try await archive.iom("adopt", base, "--secret-file", secret)
            #expect(outcome.exitCode == 3)
            #expect((outcome.output + outcome.errors).contains(victim.suffix(64)))
            #expect(try await archive.json("conversations").count == 4)
            #expect(try await home.objects(of: archive)[String(victim.suffix(64))] == nil)
        }
    }

    @Test func `Standard input is stored under a dash, as sha256sum names it`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            let command = "'\(Household.program)' put --root '\(archive.root)'"
            let stored = try await home.sh("printf hello | \(command) -").mustSucceed().output
            #expect(stored == (try await home.sh("printf hello | sha256sum").output))
            let gotten = try await home.sh("'\(Household.program)' get --root '\(archive.root)' \(stored.prefix(64))")
            #expect(gotten.output == "hello")
        }
    }

    @Test func `What reports, reports JSON, an object a line`() async throws {
        try await Household.with { home in
            let archive = try await home.adoptAlice()
            let file = home.directory.appending("note.txt")
            try home.write("a note\n", to: file)
            for isServed in [false, true] {
                if isServed { try await archive.serve() }
                #expect(try await archive.json("status").count == 1)
                #expect(try await archive.json("conversations").count == 4)
                #expect(try await archive.json("log", "Carol").isEmpty == false)
                #expect(try await archive.json("ls").count >= 4)
                #expect(try await archive.json("ls", "conversations").count == 4)
                #expect(try await archive.json("peers").isEmpty == false)
                #expect(try await archive.json("add", file.string).first?["path"] != nil)
                #expect(try await archive.json("put", file.string).first?["hash"] != nil)
                #expect(try await archive.json("say", "Carol", "Hallo").count == 1)
                #expect(try await archive.json("fetch", "contacts").count == 1)
                #expect(try await archive.json("fsck").isEmpty == false)
            }
            #expect(try await archive.json("invite").count == 1)
            let json = try await archive.json("status")[0]
            #expect(json["stats"] is [String: Any] && json["sent"] is [String: Any])
        }
    }

    @Test func `A key that is none is refused by name, with the nearest`() async throws {
        try await Household.with { home in
            let instance = try await home.found()
            let path = instance.root.appending("iom.toml")
            let text = try String(contentsOfFile: path.string, encoding: .utf8)
            let mistakes = [
                ("[mount]\nfetch_deadlin = \"10s\"", "`fetch_deadlin`", "`fetch_deadline`"),
                ("[storage]\nmax_storrage = \"1GB\"", "`max_storrage`", "`max_storage`"),
                ("[syncc]\nencryption = true", "`syncc`", "`sync`"),
                ("[sync]\nencryption = false", "`sync.encryption`", "cannot be false"),
            ]
            for (line, wrong, right) in mistakes {
                let section = line.prefix { $0 != "\n" }
                let rest = text.components(separatedBy: "\n\n").filter { !$0.hasPrefix(section) }
                try home.write(rest.joined(separator: "\n\n") + "\n" + line + "\n", to: path, mode: 0o600)
                let outcome = try await instance.iom("status")
                #expect(outcome.exitCode == 1 && outcome.isOneSentence, "\(outcome.errors)")
                #expect(outcome.errors.contains(wrong) && outcome.errors.contains(right), "\(outcome.errors)")
            }
        }
    }
}
