import ArgumentParser

@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure IoM beside plain ext4, in interleaved rounds of one run.",
        discussion: "Example:  Bench all --scale small   (rows: \(Row.allNames))",
        subcommands: [Measure.self, MakeWorld.self, Serve.self],
        defaultSubcommand: Measure.self
    )
}
