import Foundation
import Glibc
import Node
import SystemPackage
import Testing

/// The log of a node that runs, and the signals it hears.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct LogTests {
    @Test func `SIGHUP reads the configuration again, and one that is wrong changes nothing`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try archive.configure("log", "level = \"notice\"\nformat = \"json\"")
            let node = try await archive.serve()
            func lines() -> [String] { node.errorsSoFar.split(separator: "\n").map(String.init) }
            node.signal(SIGHUP)
            try await eventually("it is told as JSON") {
                lines().contains { line in
                    let fields = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
                    return fields?["level"] == "notice" && fields?["msg"] == "the configuration was read again"
                        && fields?["time"] != nil
                }
            }
            try archive.configure("log", "level = \"notice\"\nformat = \"logfmt\"")
            node.signal(SIGHUP)
            try await eventually("it is told as logfmt") {
                lines().contains { $0.hasSuffix("level=notice msg=\"the configuration was read again\"") }
            }
            try archive.configure("log", "level = \"loud\"")
            node.signal(SIGHUP)
            try await eventually("it is refused") {
                lines().contains { $0.contains("level=error") && $0.contains("log.level") }
            }
            #expect(try await archive.iom("status").exitCode == 0)
        }
    }

    @Test(.enabled(if: Household.hasPython))
    func `A command that is not understood is told at debug, without what it said`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            let text = "the key is under the mat"
            let request = "{\"command\":\"say\",\"arguments\":{\"text\":\"\(text)\"}}\\n"
            let script =
                "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect('control.sock'); "
                + "s.sendall(b'\(request)'); s.shutdown(1); s.recv(1)"
            let asking = Program(executable: "python3", arguments: ["-c", script], workingDirectory: archive.root)
            for level in ["debug", "info"] {
                try archive.configure("log", "level = \"\(level)\"")
                let node = try await archive.serve()
                _ = try await asking.run()
                // It has heard of it, too.
                try await archive.succeed("status")
                if level == "debug" {
                    try await eventually("it is told") {
                        node.errorsSoFar.split(separator: "\n").contains {
                            $0.contains("answering a command failed") && $0.contains("reason=DecodingError.keyNotFound")
                        }
                    }
                }
                try await archive.stop()
                #expect(!node.errorsSoFar.contains("mat"), "\(node.errorsSoFar)")
                #expect(level == "debug" || !node.errorsSoFar.contains("DecodingError"))
            }
        }
    }

    @Test func `SIGUSR1 writes down how the node is, for nobody else`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            let node = try await archive.serve()
            let file = archive.root.appending("state.json").string
            node.signal(SIGUSR1)
            try await eventually("it is there") { access(file, F_OK) == 0 }
            let dump = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: file))) as? [String: Any]
            #expect((dump?["snapshot"] as? [String: Any])?["name"] as? String == "archive")
            #expect(dump?["events"] != nil && dump?["underway"] != nil)
            var status = stat()
            #expect(stat(file, &status) == 0 && status.st_mode & 0o777 == 0o600)
            #expect(node.isRunning)
        }
    }
}
