import ArgumentParser
import Node

struct Evict: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Drop bytes from this device that another device proves to have: of paths, or what is used least.",
        discussion: """
            Example:  iom evict 'conversations/Summer trip' --dry-run --explain
            Without paths: what would go first, until so little of the quota is used that nothing goes by itself.
            """
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption
    @Flag(name: [.customShort("n"), .long], help: "Drop nothing: only tell what would be dropped.") var dryRun = false
    @Flag(help: "Tell of each file why it goes or stays, who has it, and since when that is proven.") var explain =
        false
    @Argument(help: "Paths as in the mount, or hashes; folders with everything below.", completion: .file())
    var names: [String] = []

    func run() async throws {
        let crowd = EvictedCrowd()
        let show: @Sendable (EvictPaths.Item) throws -> Void = { [output, explain, dryRun] item in
            switch item {
            case .outcome(let outcome):
                if output.json { return try Terminal.json(outcome) }
                guard explain || !outcome.isEvicted, !crowd.takes(outcome) else { return }
                try Terminal.line(Terminal.shown(outcome.words(isRehearsal: dryRun)))
            case .sum(let sum):
                guard !output.json else { return }
                for words in crowd.words(isRehearsal: dryRun) { try Terminal.line(Terminal.shown(words)) }
                try Terminal.line(Terminal.shown(sum.words(isRehearsal: dryRun)))
            }
        }
        guard names.isEmpty else {
            return try await options.perform(EvictPaths(names: Arguments.names(names), isRehearsal: dryRun), emit: show)
        }
        try await options.perform(MakeRoom(isRehearsal: dryRun), emit: show)
    }
}
