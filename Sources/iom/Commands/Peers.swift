import ArgumentParser
import Node

struct Peers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the owner's devices and those of contacts, and whether they are connected.",
        discussion: "Example:  iom peers"
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        try await options.perform(PeerList()) { [json = output.json] item in
            if json { return try Terminal.json(item) }
            let mark = item.isCustodian ? ", has the owner's key" : ""
            var session = ""
            if let connection = item.connection, connection.state == .connected {
                let (received, sent) = (ByteCount(connection.bytesIn), ByteCount(connection.bytesOut))
                session = ", \(connection.way), \(received) in, \(sent) out"
            }
            try Terminal.line("\(Terminal.shown(item.name))  \(item.role)  \(item.status)\(mark)\(session)")
        }
    }
}
