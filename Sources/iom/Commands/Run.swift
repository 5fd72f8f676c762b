import ArgumentParser
import Node

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a command that never fetches: what is not on this device it cannot read.",
        discussion: "Example:  iom run --local-only -- grep -r 'packing list' ~/iom/conversations"
    )

    @OptionGroup var options: RootOptions
    @Flag(help: "Neither it nor what it starts causes a fetch; it gets EAGAIN at once.") var localOnly = false
    @Argument(parsing: .postTerminator, help: "The command and its arguments, after `--`.") var command: [String] = []

    func validate() throws {
        guard localOnly else { throw ValidationError("Say --local-only: it is all that `iom run` is for.") }
        guard !command.isEmpty else { throw ValidationError("Which command? Say it after `--`.") }
    }

    func run() async throws {
        let execution = Execution(root: options.path, secret: options.secretPath)
        let code = try await LocalOnlyProgram(words: command).run(in: execution)
        if code != 0 { throw ExitCode(code) }
    }
}
