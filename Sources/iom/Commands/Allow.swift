import ArgumentParser
import Node

struct Allow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let a program fetch as much as it likes through the mount; without one, list those that may.",
        discussion: """
            Example:  iom allow restic --for 2h
            Programs without a terminal have a budget a minute (mount.fetch_files_per_minute, mount.fetch_bytes_per_minute).
            """
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption
    @Option(name: .customLong("for"), help: "For so long, such as 30m, 1h or 7d (default: until it is revoked).")
    var duration: String?
    @Flag(help: "No longer.") var revoke = false
    @Argument(help: "Name of the program, as `ps -o comm` shows it.") var program: String?

    func validate() throws {
        if program == nil, revoke || duration != nil { throw ValidationError("Which program?") }
        if revoke, duration != nil { throw ValidationError("--revoke counts at once: leave out --for.") }
        do { _ = try command } catch let error as CommandError { throw ValidationError(error.message) }
    }

    private var command: AllowProgram {
        get throws { try AllowProgram(program: program, words: duration, isAllowed: !revoke) }
    }

    func run() async throws {
        try await options.perform(command) { [json = output.json] item in
            if json { return try Terminal.json(item) }
            try Terminal.line(Terminal.shown(item.words))
        }
        if let program, revoke, !output.json { try Terminal.line("\(Terminal.shown(program)) is no longer allowed") }
    }
}
