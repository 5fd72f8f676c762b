import Foundation
import Testing

/// A browser without a page: asks the dashboard of an instance by `curl`.
struct DashboardVisitor {
    let instance: Instance
    /// `http://127.0.0.1:PORT`.
    let address: String
    var cookie: String?

    struct Answer {
        var status: Int
        var head: String
        var body: String

        func header(_ name: String) -> String? {
            head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
                .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
        }
    }

    /// Not signed in yet.
    init(at instance: Instance) async throws {
        self.instance = instance
        let link = try await Self.link(to: instance)
        address = String(link.prefix { $0 != "#" }.dropLast("/sign-in".count))
    }

    static func link(to instance: Instance) async throws -> String {
        try await eventually("the dashboard is there") { try await instance.iom("dashboard").exitCode == 0 }
        return try await instance.succeed("dashboard").output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The secret of a new link.
    func secret() async throws -> String {
        try #require(try await Self.link(to: instance).split(separator: "#").last.map(String.init))
    }

    mutating func signIn() async throws {
        let answer = try await post("/session", try await secret())
        try #require(answer.status == 204)
        cookie = answer.header("set-cookie").flatMap { $0.split(separator: ";").first }.map(String.init)
    }

    func get(_ path: String, _ options: String...) async throws -> Answer { try await ask([address + path] + options) }

    func post(_ path: String, _ body: String, _ options: String...) async throws -> Answer {
        try await ask([address + path, "-H", "Origin: \(address)", "--data-binary", body] + options)
    }

    /// As the page does it: with the token that is in the page.
    func act(_ action: String, _ wish: String) async throws -> Answer {
        try await post("/actions/\(action)", wish, "-H", "X-IoM-Token: \(try await token())")
    }

    func token() async throws -> String {
        let page = try await get("/").body
        let begin = try #require(page.range(of: "name=\"token\" content=\""))
        return String(page[begin.upperBound...].prefix(64))
    }

    func ask(_ arguments: [String]) async throws -> Answer {
        let own = cookie.map { ["-H", "Cookie: \($0)"] } ?? []
        let curl = Program(executable: "curl", arguments: ["-sS", "-i", "--max-time", "10"] + own + arguments)
        let output = try await curl.run().output
        var head = output, body = ""
        if let end = output.range(of: "\r\n\r\n") {
            (head, body) = (String(output[..<end.lowerBound]), String(output[end.upperBound...]))
        }
        // Before a large body is sent, it may be asked whether it is welcome.
        if head.hasPrefix("HTTP/1.1 100"), let end = body.range(of: "\r\n\r\n") {
            (head, body) = (String(body[..<end.lowerBound]), String(body[end.upperBound...]))
        }
        return Answer(status: Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0, head: head, body: body)
    }
}
