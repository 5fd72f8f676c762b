import Foundation
import Glibc
import Objects
import SystemPackage
import Testing

/// A device with the owner's key that keeps what it needs, mounted, and a contact that has all attachments.
struct Giving {
    let home: Household
    let mira: Instance
    let python: PythonGiver
    let mount: FilePath

    init(_ files: KeyValuePairs<String, Int>, in home: Household, fetchDeadline: String = "3s") async throws {
        self.home = home
        mira = try home.instance("mira")
        let owner = ["--owner", "Mira Sandberg", "--email", "mira@demo.invalid"]
        try await mira.run(["init", "--name", "mira", "--role", "cache"] + owner).mustSucceed()
        try mira.configure("mount", "fetch_deadline = \"\(fetchDeadline)\"")
        // Nothing comes before somebody reads it.
        let lazy = "lazy = [\"recent-messages\", \"old-messages\", \"files\"]"
        try mira.configure("load_on_demand", "prefetch = [\"contacts\"]\n" + lazy)
        mount = try await mira.mount()
        python = try await PythonGiver(files, in: home)
        try await mira.succeed("contact", "accept", python.invitation)
        try await eventually("all messages are here", within: .seconds(30)) { [mira] in
            guard let id = try await mira.json("conversations").first?["id"] as? String else { return false }
            return try await mira.json("log", id).count == files.count
        }
    }

    func hash(_ name: String) throws -> ObjectHash { try #require(python.attachments[name]) }

    func path(_ name: String) async throws -> FilePath { try await home.find("* \(name)", in: mount) }

    func isLocal(_ path: FilePath) async throws -> String {
        try await home.sh("getfattr --only-values -n user.iom.local '\(path)'").mustSucceed().output
    }

    /// Types of the events about an attachment, as often as each happened.
    func events(about name: String) throws -> [String] {
        let hash = try hash(name).hex
        return try Instance.events(in: mount).filter {
            $0["target"] as? String == hash && $0["type"] as? String != "object-received"
        }
        .flatMap { event in
            Array(repeating: event["type"] as? String ?? "", count: event["count"] as? Int ?? 1)
        }
    }

    /// What the file says of why it cannot be read (design 7).
    private static let reasons = [
        EACCES: "refused", EBADMSG: "are not what their name says", ETIMEDOUT: "made no progress",
        EREMOTEIO: "no instance that holds it can be reached",
    ]

    /// Reading it fails, shows nothing, keeps nothing, and the file tells why.
    func checkFailure(of name: String, _ errno: Int32, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let outcome = try await home.cat(path(name))
        let words = ": " + String(cString: strerror(errno)) + "\n"
        #expect(
            outcome.outputBytes.isEmpty && outcome.errors.hasSuffix(words),
            "\(name): \(outcome.errors)",
            sourceLocation: sourceLocation
        )
        let told = try await home.sh("getfattr --only-values -n user.iom.error '\(path(name))'").mustSucceed().output
        let reason = try #require(Self.reasons[errno])
        #expect(told.contains(reason), "\(name): \(told)", sourceLocation: sourceLocation)
        #expect(!mira.holds(try hash(name)), sourceLocation: sourceLocation)
        #expect(try await isLocal(path(name)) == "no", sourceLocation: sourceLocation)
    }

    func checkBytes(of name: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let outcome = try await home.cat(path(name))
        #expect(
            ObjectHash(of: outcome.outputBytes) == (try hash(name)),
            "\(name): \(outcome.errors)",
            sourceLocation: sourceLocation
        )
        try await eventually("\(name) is kept", sourceLocation: sourceLocation) { mira.holds(try hash(name)) }
    }

    /// Of what did not come, or came wrongly, nothing is on the disk.
    func checkNothingIsLeft(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await eventually("nothing is left", sourceLocation: sourceLocation) {
            let folders = ["incoming", "partial", "quarantine"].map { "'\(mira.root)/\($0)'" }
            return try await home.sh("find \(folders.joined(separator: " ")) -type f").output == ""
        }
        try await mira.stop()
        try await mira.succeed("fsck")
    }
}
