import Foundation
import NIOCore
import NIOPosix
package import SystemPackage

/// Asks a running node over its `control.sock`.
package struct ControlClient: Sendable {
    private let path: FilePath

    package init(path: FilePath) { self.path = path }

    /// Sends the command and hands each item over; false if no node is running.
    package func perform<Command: NodeCommand>(
        _ command: Command,
        emit: @Sendable (Command.Item) async throws -> Void
    ) async throws -> Bool {
        let channel: LineChannel
        do {
            let socket = try SocketPath(path)
            defer { withExtendedLifetime(socket) {} }
            channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(unixDomainSocketPath: socket.text) { channel in channel.asLines() }
        } catch {
            return false
        }
        try await channel.executeThenClose { lines, outbound in
            let request = ControlRequest(command: Command.name, arguments: command)
            try await outbound.write(ControlServer.line(request))
            for try await line in lines {
                let data = Data(line.readableBytesView)
                switch try JSONDecoder().decode(ControlReply<Command.Item>.self, from: data) {
                case .item(let item): try await emit(item)
                case .failed(let error): throw error
                case .done: return
                }
            }
            throw CommandError.nodeGone
        }
        return true
    }
}
