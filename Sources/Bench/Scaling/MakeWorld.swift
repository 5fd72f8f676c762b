import ArgumentParser
import Node
import Objects
import SystemPackage

/// Makes a world of many objects and keeps it, for the rows of scale and for looking closer.
struct MakeWorld: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "world",
        abstract: "Make a root with many objects in a new folder, to be measured again and again."
    )

    @Argument(help: "The folder that is to hold it.", completion: .directory) var directory: String
    @Option(help: "How many objects.") var objects = 50_000
    @Option(help: "What everything follows from.") var seed: UInt64 = 1

    func run() async throws {
        let world = World(directory: FilePath(directory), plan: ScalePlan(objectCount: objects))
        let start = ContinuousClock.now
        try world.make(seed: seed) { written in
            print("\(written) messages and files after \((ContinuousClock.now - start).seconds) s")
        }
    }
}

/// A root with many objects, and its secret, in a folder.
struct World: Sendable {
    let directory: FilePath
    let plan: any WorldPlan

    var root: FilePath { directory.appending("root") }
    var secret: FilePath { directory.appending("secret") }
    private var founder: Founder { Founder(root: root, secret: secret) }

    func makeIfAbsent() throws {
        if !PlainFile.exists(root) { try make(seed: 1) { _ in } }
    }

    func make(seed: UInt64, progress: (Int) -> Void) throws {
        try PlainFile.makeDirectory(directory)
        try founder.found(name: "archive")
        try ScaleWriter(node: founder.open(), plan: plan, seed: seed).write(progress: progress)
    }
}
