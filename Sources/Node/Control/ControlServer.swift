import Foundation
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
package import SystemPackage

/// Answers commands on `control.sock` for as long as the node runs.
///
/// Only the owner of the root can connect: the socket is in a directory that is closed to others.
package struct ControlServer: Service {
    private let node: Node
    private let path: FilePath
    private let logger: Logger

    package init(node: Node, path: FilePath, logger: Logger) {
        (self.node, self.path, self.logger) = (node, path, logger)
    }

    package func run() async throws {
        // Left over from a node that was killed: the lock of the root says that there is no other.
        unlink(path.string)
        let socket = try SocketPath(path)
        defer { withExtendedLifetime(socket) {} }
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(unixDomainSocketPath: socket.text) { channel in channel.asLines() }
        chmod(path.string, 0o600)
        defer { unlink(path.string) }
        try await withGracefulShutdownHandler {
            try await serve(server)
        } onGracefulShutdown: {
            server.channel.close(promise: nil)
        }
    }

    private func serve(_ server: NIOAsyncChannel<LineChannel, Never>) async throws {
        // Discarding: connections come and go for months, and nobody collects their results.
        try await withThrowingDiscardingTaskGroup { group in
            try await server.executeThenClose { connections in
                for try await connection in connections {
                    group.addTask {
                        do {
                            try await answer(connection)
                        } catch {
                            logger.debug("answering a command failed", metadata: LogReason.metadata(error))
                        }
                    }
                }
            }
            group.cancelAll()
        }
    }

    private func answer(_ connection: LineChannel) async throws {
        try await connection.executeThenClose { lines, outbound in
            var iterator = lines.makeAsyncIterator()
            guard let line = try await iterator.next() else { return }
            let request = Data(line.readableBytesView)
            let name = try JSONDecoder().decode(ControlRequestName.self, from: request).command
            guard let type = CommandTable.commands[name] else {
                let reply = ControlReply<Bool>.failed(.unknownCommand(name))
                return try await outbound.write(Self.line(reply))
            }
            try await perform(type, request, iterator, outbound)
        }
    }

    /// Runs the command; a client that goes away cancels it.
    private func perform<Command: NodeCommand>(
        _ type: Command.Type,
        _ request: Data,
        _ lines: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws {
        let command = try JSONDecoder().decode(ControlRequest<Command>.self, from: request).arguments
        nonisolated(unsafe) var lines = lines  // handed over to the one task that reads on
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await Self.run(command, on: node, outbound)
                return true
            }
            group.addTask {
                while try await lines.next() != nil {}
                return false
            }
            // A channel that is closed forgets what it has not sent: the client closes when it has the last line.
            if try await group.next() == true { _ = try await group.next() }
            group.cancelAll()
        }
    }

    private static func run<Command: NodeCommand>(
        _ command: Command,
        on node: Node,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws {
        do {
            try await command.run(on: node) { item in
                try await outbound.write(line(ControlReply<Command.Item>.item(item)))
            }
            try await outbound.write(line(ControlReply<Command.Item>.done))
        } catch {
            let failure = CommandError(explaining: error)
            try await outbound.write(line(ControlReply<Command.Item>.failed(failure)))
        }
    }

    static func line(_ message: some Encodable) throws -> ByteBuffer {
        var buffer = ByteBuffer(bytes: try JSONEncoder().encode(message))
        buffer.writeInteger(UInt8(0x0A))
        return buffer
    }
}
