import Foundation
import Glibc
import SystemPackage
import Testing

/// A headless Chromium of its own profile, which a test looks through.
struct Browser {
    /// Whether there is one.
    static let isInstalled = access(executable, X_OK) == 0 && Household.hasPython
    private static let executable = "/usr/bin/chromium"
    private static let script = FilePath(#filePath).removingLastComponent().pushing("../../Browser/browse.py")
        .lexicallyNormalized().string
    /// Test output, never committed.
    static let pictures = FilePath(Household.program).removingLastComponent().removingLastComponent()
        .appending("screenshots")

    private let profile: FilePath

    init(in household: Household) async throws {
        profile = try household.folder("browser")
        let arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--remote-debugging-port=0", "--user-data-dir=\(profile.string)", "about:blank",
        ]
        var program = Program(executable: Self.executable, arguments: arguments)
        program.environment["HOME"] = profile.string
        _ = try household.start(program)
        try await NodeTests.eventually("the browser answers", within: .seconds(30), pause: .milliseconds(100)) {
            try await step("evaluate", "1").exitCode == 0
        }
    }

    private func step(_ words: String...) async throws -> Program.Outcome {
        let file = profile.appending("DevToolsActivePort").string
        return try await Program(executable: "python3", arguments: [Self.script, file] + words).run()
    }

    func open(_ address: String) async throws { try await step("open", address).mustSucceed() }

    /// The value of an expression, as JSON.
    func evaluate(_ expression: String) async throws -> Any {
        let outcome = try await step("evaluate", expression).mustSucceed()
        return try JSONSerialization.jsonObject(with: Data(outcome.outputBytes), options: .fragmentsAllowed)
    }

    func text(_ expression: String) async throws -> String { try await evaluate(expression) as? String ?? "" }

    /// Waits until an expression is true.
    @discardableResult
    func eventually(
        _ what: String,
        _ expression: String,
        within limit: Duration = .seconds(30),
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Duration {
        try await NodeTests.eventually(
            what,
            within: limit,
            pause: .milliseconds(100),
            sourceLocation: sourceLocation
        ) {
            // Between two pages there is none to ask.
            (try? await evaluate(expression)) as? Bool == true
        }
    }

    // MARK: Keyboard

    func press(_ key: String) async throws { try await step("press", key).mustSucceed() }

    /// What is typed where the focus is.
    func type(_ text: String) async throws { try await step("type", text).mustSucceed() }

    /// Presses Tab until something has the focus; on the way the focus has to be seen wherever it is.
    func tab(to expression: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let outcome = try await step("tab-to", expression).mustSucceed(sourceLocation: sourceLocation)
        let visited = try JSONDecoder().decode([Stop].self, from: Data(outcome.outputBytes))
        let hidden = visited.filter { !$0.isSeen }.map(\.words)
        #expect(hidden.isEmpty, "the focus is not seen there", sourceLocation: sourceLocation)
    }

    private struct Stop: Decodable {
        var words: String
        var isSeen: Bool
    }

    /// What the tree for screen readers has of controls and pictures, and of which of them it has no name.
    func namelessControls() async throws -> Nameless {
        try JSONDecoder().decode(Nameless.self, from: Data(try await step("unnamed").mustSucceed().outputBytes))
    }

    struct Nameless: Decodable {
        var count: Int
        var unnamed: [String]
    }

    /// Keeps pictures of the page as on a phone and on a desk, by day and by night; none may be wider than its screen.
    func takePictures(_ name: String) async throws {
        try FileManager.default.createDirectory(atPath: Self.pictures.string, withIntermediateDirectories: true)
        for (device, width, height) in [("phone", 360, 740), ("desk", 1280, 900)] {
            for scheme in ["light", "dark"] {
                let file = Self.pictures.appending("\(name)-\(device)-\(scheme).png").string
                let outcome = try await step("screenshot", file, "\(width)", "\(height)", scheme).mustSucceed()
                let widest = try #require(Int(outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)))
                #expect(widest <= width, "\(name) on a \(device)")
            }
        }
    }
}
