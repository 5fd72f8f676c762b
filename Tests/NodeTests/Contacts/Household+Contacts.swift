import Objects
import SystemPackage
import TestSupport
import Testing

/// People who know each other.
extension Household {
    /// Pairs two instances of different owners; both have to be served.
    ///
    /// Returns the id of their conversation.
    @discardableResult
    func befriend(_ one: Instance, _ other: Instance) async throws -> String {
        let link = try #require(try await one.succeed("invite", "--contact", "--no-wait").lines.first)
        let accepted = try #require(try await other.json("contact", "accept", link).first)
        return try #require(accepted["conversation"] as? String)
    }

    /// A file with bytes of its own.
    func file(_ name: String, byteCount: Int) throws -> FilePath {
        let path = directory.appending(name)
        let seed = name.utf8.reduce(UInt64(byteCount)) { $0 &* 31 &+ UInt64($1) }
        try write(SeededRandom(seed: seed).bytes(byteCount), to: path)
        return path
    }

    /// Waits until an attachment is in a mount's tree, and compares its bytes with the file's.
    func expectSame(
        _ file: FilePath,
        at instance: Instance,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let name = try #require(file.lastComponent?.string)
        let find = "find '\(instance.mountPoint)/conversations' -type f -name '*\(name)'"
        try await eventually("\(name) is at \(instance.name)", within: .seconds(40), sourceLocation: sourceLocation) {
            try await sh(find).lines.count == 1
        }
        let path = try #require(try await sh(find).lines.first)
        let same = try await sh("cmp '\(path)' '\(file)'")
        #expect(same.exitCode == 0, "\(same.output)\(same.errors)", sourceLocation: sourceLocation)
    }
}

extension Instance {
    /// The texts of a conversation, as this instance has it; none if it has not.
    func texts(of conversation: String) async throws -> [String] {
        let outcome = try await iom("log", conversation, "--json")
        guard outcome.exitCode == 0 else { return [] }
        return try await json("log", conversation).compactMap { $0["text"] as? String }
    }

    /// Waits until a message is the last of a conversation.
    func hears(
        _ text: String,
        in conversation: String,
        within limit: Duration = .seconds(40),
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await eventually("\(name) hears \(text)", within: limit, sourceLocation: sourceLocation) {
            try await texts(of: conversation).last == text
        }
    }
}
