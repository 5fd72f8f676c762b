import Foundation
import Synchronization
import Testing

@testable import Node

extension Node {
    /// Listens on a port of its own while the body runs; in this process, so that a test moves the clock.
    func listening(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (bound, bind) = AsyncStream<Int>.makeStream()
            group.addTask {
                defer { bind.finish() }
                try await self.runConnections(listening: Listening(words: "127.0.0.1:0")) { port in
                    self.bound(host: "127.0.0.1", port: port)
                    bind.yield(port)
                }
            }
            var ports = bound.makeAsyncIterator()
            _ = try #require(await ports.next())
            try await body()
            group.cancelAll()
        }
    }

    /// The link of an invitation.
    func link(_ invitation: MakeInvitation) async throws -> String {
        let link = Mutex<String?>(nil)
        try await invitation.run(on: self) { item in
            if case .link(let text) = item { link.withLock { $0 = text } }
        }
        return try #require(link.withLock { $0 })
    }
}
