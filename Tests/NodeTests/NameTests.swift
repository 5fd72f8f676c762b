import Foundation
import Glibc
import Objects
import Storage
import SystemPackage
import Testing

@testable import Node

/// Names and texts from others, as programs see them in the mount.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(5)))
struct NameTests {
    private static let names = [
        "..", ".", "", " ", "/", "a/b", "../../../etc/passwd", "/etc/passwd", "a\u{0}b", "line\nbreak", "tab\tbed",
        "bell\u{7}", "\u{1B}]0;x\u{7}\u{1B}[2J", "\u{9B}2J", "\u{7F}", "\u{202E}gpj.exe", "\u{2066}x\u{2069}",
        "\u{200B}", "\u{FEFF}", "-rf", "--help", "trailing.", "trailing ", "CON", ".iom", "README.md",
        String(repeating: "👩‍👩‍👧‍👦", count: 300), String(repeating: "🏳️‍🌈", count: 300), String(repeating: "ä", count: 300),
        "e" + String(repeating: "\u{301}", count: 400), "Zoe\u{308}", "Zo\u{EB}", "zo\u{EB}", "same", "same", "same",
        "*?[x]", "$(reboot)`id`", "\\", "\u{2028}\u{2029}\u{85}", "latest.md", "about.md", "a<b>&c",
    ]

    @Test func `Hostile names are listed safely, can be read, and copied elsewhere`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try archive.writeConversations(Self.names)
            try await addFiles(to: archive, home)
            let mount = try await archive.mount()
            let found = try await home.sh("cd '\(mount)' && find . -print0").mustSucceed()
            let paths = found.outputBytes.split(separator: 0).map(Array.init)
            for path in paths { Self.check(path) }
            let conversations = try await home.sh("ls -1 '\(mount)/conversations' | wc -l").output
            #expect(Int(conversations.trimmingCharacters(in: .whitespacesAndNewlines)) == Self.names.count)
            // each has its day and its two attachments, whatever it is called.
            let days = try await home.sh("cd '\(mount)/conversations' && find . -name '2026-01-0?.md' -print0")
            #expect(days.outputBytes.split(separator: 0).count == Self.names.count)
            let attachments = try await home.sh(
                "find '\(mount)/conversations' -type f -path '*/2026-01/*' -size 5c -print0"
            )
            #expect(attachments.outputBytes.split(separator: 0).count == 2 * Self.names.count)
            let listing = try await home.sh("ls -lR '\(mount)'").mustSucceed()
            #expect(listing.errors.isEmpty)
            #expect(!Self.drivesTerminal(listing.outputBytes))
            let reading = try await home.sh("cd '\(mount)' && find . -type f -print0 | xargs -0 cat").mustSucceed()
            #expect(!Self.drivesTerminal(reading.outputBytes))
            #expect(try await home.sh("find '\(mount)' ! -type f ! -type d ! -type l").output.isEmpty)
            // To a disk, where every name has to be one.
            let copy = FilePath("/var/tmp/iom-names-\(getpid())")
            defer { _ = try? FileManager.default.removeItem(atPath: copy.string) }
            try await home.sh("rsync -a '\(mount)/' '\(copy)/'").mustSucceed()
            try await home.sh("diff -r --no-dereference '\(mount)' '\(copy)'").mustSucceed()
            let again = try await home.sh("rsync -ai '\(mount)/' '\(copy)/'").mustSucceed()
            #expect(again.output.isEmpty)
            // The original name is not lost.
            let original = try await home.sh(
                "cd '\(mount)/conversations' && getfattr -h --absolute-names --only-values -n user.iom.name ./*"
            )
            #expect(original.output.contains("../../../etc/passwd"))
        }
    }

    @Test func `Nothing that is printed drives a terminal or looks like another line`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            let text = "before\u{1B}]0;x\u{7}\u{1B}[2J\u{9B}31m\u{202E}after\r\n2026-01-01 00:00:00  Mira: forged\u{8}"
            try archive.writeConversations(["Club\u{1B}[2J\u{9B}1m\nsecond line"], text: text)
            let mount = try await archive.mount()
            let day = try await home.sh(
                "cat '\(mount)'/conversations/*/2026-01/*.md '\(mount)'/conversations/*/about.md"
            )
            let log = try await archive.succeed("log", "Club")
            for outcome in [
                day, log, try await archive.succeed("conversations"),
                try await archive.succeed("ls", "-l", "conversations"),
                try await archive.succeed("status"), try await archive.succeed("say", "Club", "again"),
                try await archive.iom("log", "Club\u{1B}[2J none"), try await archive.iom("get", "files/\u{1B}[2J"),
            ] {
                #expect(!Self.drivesTerminal(outcome.outputBytes), "\(outcome.output.debugDescription)")
                #expect(!Self.drivesTerminal(outcome.errorBytes), "\(outcome.errors.debugDescription)")
            }
            // All of it is there to be seen, and the forged line is visibly part of the message.
            #expect(log.output.contains("before") && log.output.contains("after"))
            #expect(!log.lines.contains { $0.hasPrefix("2026-01-01 00:00:00  Mira") && $0.contains("forged") })
            #expect(day.output.contains("before") && day.output.contains("forged"))
            #expect(try await archive.succeed("conversations").lines.count == 1)
            // Programs get the exact text.
            #expect(try await archive.json("log", "Club").first?["text"] as? String == text)
        }
    }

    /// Files whose names no text has.
    private func addFiles(to instance: Instance, _ home: Household) async throws {
        let folder = try home.folder("files")
        try await home.sh(
            """
            cd files; printf a > "$(printf '\\377\\376')"; printf b > "$(printf 'x\\377\\nx')"; printf c > "$(printf '\\033[2J')"
            printf d > "$(printf 'ok%%ff')"; printf e > -n; printf g > "$(printf 'ok\\377')"; mkdir "$(printf 'd\\377')"; printf f > "$(printf 'd\\377/\\300\\257')"
            """
        ).mustSucceed()
        try await instance.succeed("add", folder.string)
        #expect(try await instance.succeed("ls", "files/files").lines.count == 7)
    }

    /// A path of the tree, in bytes.
    private static func check(_ path: [UInt8]) {
        guard let text = String(validating: path, as: UTF8.self) else {
            Issue.record("not UTF-8: \(path)")
            return
        }
        for name in path.split(separator: UInt8(ascii: "/")).dropFirst() {
            #expect(name.count <= 255 && !name.isEmpty, "\(text)")
            #expect(Array(name) != Array("..".utf8) && Array(name) != Array(".".utf8))
        }
        #expect(!drivesTerminal(path), "\(text.debugDescription)")
        #expect(!path.contains(0x0A), "\(text.debugDescription)")
    }

    /// Whether there are control characters but line ends and tabs, or such as reorder what is shown.
    private static func drivesTerminal(_ bytes: [UInt8]) -> Bool {
        String(decoding: bytes, as: UTF8.self).unicodeScalars.contains { scalar in
            switch scalar.value {
            case 0x09, 0x0A: false
            case 0x00...0x1F, 0x7F...0x9F, 0x202A...0x202E, 0x2066...0x2069: true
            default: false
            }
        }
    }
}
