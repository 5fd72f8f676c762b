import ArgumentParser
import Node

struct Umount: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "End a mount.",
        discussion: "Example:  iom umount ~/iom    `fusermount3 -u ~/iom` does the same."
    )

    @Argument(help: "The mount point.", completion: .directory) var directory: String

    func run() async throws {
        try Unmounting.run(at: RootOptions.absolute(directory))
    }
}
