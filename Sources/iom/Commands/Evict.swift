import ArgumentParser
import Node

struct Evict: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Drop the bytes of paths from this device; never the last copy: another device proves to have them first.",
        discussion: "Example:  iom evict 'conversations/Summer trip' --dry-run --explain"
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption
    @Flag(help: "Drop nothing: only tell what would be dropped.") var dryRun = false
    @Flag(help: "Tell of each file why it goes or stays, who has it, and since when that is proven.") var explain =
        false
    @Argument(help: "Paths as in the mount, or hashes; folders with everything below.", completion: .file())
    var names: [String]

    func run() async throws {
        let command = EvictPaths(names: names, isRehearsal: dryRun)
        try await options.perform(command) { [json = output.json, explain, dryRun] item in
            switch item {
            case .outcome(let outcome):
                if json { return try Terminal.json(outcome) }
                if explain || !outcome.isEvicted {
                    try Terminal.line(Terminal.shown(outcome.words(isRehearsal: dryRun)))
                }
            case .sum(let sum):
                if json { return }
                try Terminal.line(
                    "\(sum.evicted) file(s) \(dryRun ? "would go" : "dropped"), \(sum.byteCount) bytes; \(sum.kept) stay"
                )
            }
        }
    }
}
