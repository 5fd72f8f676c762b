import ArgumentParser

/// The program; what it measures talks over a loopback device of its own.
@main
enum Start {
    static func main() async {
        // Only what installs needs the network of the machine; what serves has that of the one that started it.
        let others = [
            Deflate.configuration, Evict.configuration, InstallPeers.configuration, Predict.configuration,
            Serve.configuration,
        ].map(\.commandName)
        if !others.contains(CommandLine.arguments.dropFirst().first) { Loopback.separate() }
        await Bench.main()
    }
}

struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure IoM beside plain ext4 and others, in interleaved rounds of one run.",
        discussion: "Example:  Bench all --scale small   (rows: \(Row.allNames))",
        subcommands: [
            Measure.self, Deflate.self, Evict.self, InstallPeers.self, MakeWorld.self, Predict.self, Roles.self,
            Serve.self,
        ],
        defaultSubcommand: Measure.self
    )
}
