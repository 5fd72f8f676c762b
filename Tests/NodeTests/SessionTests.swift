import Foundation
import SystemPackage
import Testing

/// The session in README.md, typed at a shell on a laptop with little room.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(5)))
struct SessionTests {
    private static func session() throws -> ShellSession {
        let readme = URL(filePath: #filePath).appending(path: "../../../README.md").standardized
        return ShellSession(in: try String(contentsOf: readme, encoding: .utf8))
    }

    /// What it does is done once; what only looks is repeated until what goes on in the background has been seen.
    private static func isLook(_ line: String) -> Bool {
        ["iom cost ", "iom pin", "iom why ", "iom status", "grep "].contains { line.hasPrefix($0) }
    }

    @Test func `The session in README.md prints what it says`() async throws {
        let session = try Self.session()
        try await Household.with { home in
            let archive = try await home.demo(
                name: "archive-at-home",
                "--conversations",
                "5",
                "--messages",
                "300",
                "--attachments",
                "40"
            )
            let make = """
                mkdir -p films/2024 films/2025
                for film in 2024/01 2024/02; do head -c 4000000 /dev/urandom > films/$film.mp4; done
                for film in 2025/01 2025/02 2025/03 2025/04; do head -c 4500000 /dev/urandom > films/$film.mp4; done
                """
            try await home.sh(make).mustSucceed()
            try await archive.succeed("add", home.directory.appending("films").string)
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            try laptop.configure("storage", "max_storage = \"50MB\"")
            try await laptop.mount("iom")
            try await laptop.synced(with: archive)
            try await eventually("the laptop has what it must") { try await laptop.iom("check").exitCode == 0 }
            let path = FilePath(Household.program).removingLastComponent()
            laptop.export("PATH", "\(path):/usr/bin:/bin")
            for step in session.steps {
                let typed = laptop.program(["-c", step.line], of: "sh")
                var outcome = try await typed.run()
                let deadline = ContinuousClock.now + .seconds(20)
                while !step.isPrinted(by: outcome.output + outcome.errors), Self.isLook(step.line),
                    ContinuousClock.now < deadline
                {
                    try await Task.sleep(for: .milliseconds(50))
                    outcome = try await typed.run()
                }
                let printed = outcome.output + outcome.errors
                #expect(
                    step.isPrinted(by: printed),
                    "$ \(step.line)\n\(printed)--- README.md says:\n\(step.output.joined(separator: "\n"))"
                )
                #expect(outcome.exitCode == 0, "\(step.line)")
            }
        }
    }

    @Test func `It shows what a person needs, and little of it is left open`() throws {
        let session = try Self.session()
        for line in ["iom cost ", "iom pin ", "iom fetch ", "iom why ", "iom evict --dry-run --explain", "iom status"] {
            #expect(session.steps.contains { $0.line.hasPrefix(line) }, "\(line)")
        }
        for step in session.steps where !step.line.hasPrefix("cat ") {
            let words = step.output.joined().replacing(ShellSession.gap, with: "").filter(\.isLetter)
            #expect(words.count >= 10, "\(step.line) prints anything")
        }
    }

    @Test func `A line that is other than the document says is noticed`() {
        let text = "text\n```console\n$ iom x\na … b\n…\nend\n$ iom y\n```\n$ not this\n"
        let steps = ShellSession(in: text).steps
        #expect(steps.map(\.line) == ["iom x", "iom y"])
        for output in ["a 1 b\nend\n", "a 1 2 b\nx\ny\nend\n"] { #expect(steps[0].isPrinted(by: output)) }
        for output in ["", "a b\nend\n", "a 1 c\nend\n", "a 1 b\nend\nmore\n", "a 1 b\nends\n", "x\na 1 b\nend\n"] {
            #expect(!steps[0].isPrinted(by: output), "\(output)")
        }
        #expect(steps[1].isPrinted(by: "") && !steps[1].isPrinted(by: "x\n"))
    }
}
