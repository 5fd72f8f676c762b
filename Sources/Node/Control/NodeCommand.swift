/// Something a person asks of a node: executed where the root is open - in the running node, or in the program itself.
///
/// Its answer is a stream of items; every command and item crosses the control socket as JSON.
package protocol NodeCommand: Codable, Sendable {
    associatedtype Item: Codable & Sendable

    /// What it is called on the control socket.
    static var name: String { get }
    /// Whether it may need other instances, so that connections are worth making.
    static var needsPeers: Bool { get }

    func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws
}

extension NodeCommand {
    package static var needsPeers: Bool { false }
}

/// What went wrong, in one sentence with the way out.
package struct CommandError: Error, Codable, Hashable, CustomStringConvertible {
    package let message: String
    /// 1 failed, 3 partly (design 10).
    package let exitCode: Int32

    package init(_ message: String, exitCode: Int32 = 1) { (self.message, self.exitCode) = (message, exitCode) }

    package var description: String { message }

    /// The node that runs is older or newer than the program.
    static func unknownCommand(_ name: String) -> Self {
        Self("the running node is of another version: it has no `\(name)`")
    }

    /// The connection to the running node broke.
    package static let nodeGone = Self("the node went away while it was working: look at its log, then try again")
}

/// One line on the control socket, from the node.
enum ControlReply<Item: Codable & Sendable>: Codable, Sendable {
    case item(Item)
    case failed(CommandError)
    case done
}

/// One line on the control socket, to the node.
struct ControlRequest<Command: NodeCommand>: Codable, Sendable {
    let command: String
    let arguments: Command
}

/// The name alone, to find the type of the rest.
struct ControlRequestName: Codable {
    let command: String
}
