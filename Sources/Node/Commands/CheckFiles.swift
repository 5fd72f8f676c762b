import Catalog
import Objects
package import Storage

/// Checks every object, head and reference, and the catalog against them.
package struct CheckFiles: NodeCommand {
    package static let name = "fsck"

    /// Progress is told once for so many objects.
    private static let progressCount = 64

    package var repairs: Bool
    /// Whether unchanged files are trusted.
    package var isFast: Bool

    /// Whether the catalog is made again from the files afterwards.
    package var rebuilds: Bool

    package init(repairs: Bool, isFast: Bool, rebuilds: Bool) {
        (self.repairs, self.isFast, self.rebuilds) = (repairs, isFast, rebuilds)
    }

    package enum Item: Codable, Sendable {
        case progress(done: Int, total: Int)
        case report(FsckReport)
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        let fsck = Fsck(node.store, node.author.book, depth: isFast ? .fast : .full, repairs: repairs) { hash in
            (try? node.catalog.known(hash)) ?? nil != nil
        }
        let (progress, told) = AsyncStream<Item>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let report = try await withThrowingTaskGroup(of: FsckReport?.self) { group in
            group.addTask {
                defer { told.finish() }
                return try await fsck.run { done, total in
                    if done.isMultiple(of: Self.progressCount) { told.yield(.progress(done: done, total: total)) }
                }
            }
            for await item in progress { try await emit(item) }
            return try await group.next() ?? nil
        }
        guard let report else { return }
        if rebuilds {
            try node.catalog.rebuild(from: node.store)
        } else if repairs {
            try node.beginRecovery(all: true)
        }
        try await emit(.report(report))
    }
}
