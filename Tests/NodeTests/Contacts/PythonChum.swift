import Foundation
import SystemPackage
import Testing

/// An independent ONE peer in Python that pairs, gives a conversation with attachments, and takes what it is given.
struct PythonChum {
    /// Messages it has, each fifth with an attachment.
    var messageCount = 200
    /// How often it drops the connection in the middle.
    var cutCount = 0
    /// Size of the attachment of its last message; 0: there is none.
    var largeByteCount = 0
    /// What it does wrong; empty: nothing.
    var lie = ""

    /// Becomes a contact of an instance: by the invitation of one side, the other dials, directly or through a relay.
    func meet(
        _ instance: Instance,
        in home: Household,
        isDialled: Bool,
        relay: RunningRelay? = nil
    ) async throws -> RunningProgram {
        if isDialled {
            let program = try start(in: home, relay.map { ["relay": $0.url] } ?? [:])
            try await eventually("the Python peer listens") { program.outputSoFar.contains("\n") }
            let invitation = try #require(program.outputSoFar.split(separator: "\n").first.map(String.init))
            try await instance.succeed("contact", "accept", invitation)
            return program
        }
        return try start(in: home, ["link": try await instance.succeed("invite", "--contact", "--no-wait").lines[0]])
    }

    private func start(in home: Household, _ more: [String: String]) throws -> RunningProgram {
        var options: [String: Any] = [
            "count": messageCount, "cuts": cutCount, "large": largeByteCount, "lie": lie,
        ]
        options.merge(more) { _, new in new }
        let json = String(decoding: try JSONSerialization.data(withJSONObject: options), as: UTF8.self)
        let script = FilePath(#filePath).removingLastComponent().appending("one_contact.py").string
        let arguments = ["-u", "-B", script, Household.tools.string, json]
        return try home.start(Program(executable: "python3", arguments: arguments))
    }
}
