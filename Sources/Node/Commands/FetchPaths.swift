import Catalog
import Objects
import Peers
import Storage
import Views

/// Brings the bytes of paths or hashes to this device.
///
/// What is here already is passed over, so that it can be interrupted and begun again.
package struct FetchPaths: NodeCommand {
    package static let name = "fetch"
    package static var needsPeers: Bool { true }

    /// How often whoever waits hears of it.
    private static let reportInterval = Duration.milliseconds(250)

    /// Paths in the tree, or hashes; folders with everything below.
    package var names: [String]

    package init(names: [String]) { self.names = names }

    /// How far it is; the last one tells the outcome.
    package struct Item: Codable, Sendable {
        package var files = 0
        package var byteCount = 0
        package var alreadyHere = 0
        package var failed = 0
        /// What was missing when it began.
        package var missingFiles = 0
        package var missingByteCount = 0
        package var isLast = false
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        let walk = TreeWalk(view: node.view())
        // A name that is wrong is told before anything is fetched.
        let targets = try names.map { try Target($0, on: node, walk) }
        for case .object(let hash) in targets { try await node.find(hash) }
        let wanted = WantedFiles(of: targets, on: node, walk)
        var (tally, rest) = (FetchTally(), wanted)
        while let file = try rest.next() { try tally.count(file, node) }
        try await bring(wanted, node, &tally, emit)
        tally.item.isLast = true
        try await emit(tally.item)
        guard let failure = tally.failure else { return }
        let (failed, done) = (tally.item.failed, tally.item.files + tally.item.alreadyHere)
        let words =
            failure == .noSpace
            ? "there is no room for them: `iom evict` makes some, or raise `max_storage`"
            : CommandError.words(for: failure)
        throw CommandError(
            "\(failed) of \(failed + done) file(s) could not be fetched: \(words)",
            exitCode: done == 0 ? 1 : 3
        )
    }

    private func bring(
        _ wanted: WantedFiles,
        _ node: Node,
        _ tally: inout FetchTally,
        _ emit: @Sendable (Item) async throws -> Void
    ) async throws {
        tally = try await withThrowingTaskGroup(of: FetchTally.Part?.self) { [tally] group in
            var (tally, wanted) = (tally, wanted)
            func tick() {
                // nil: it is time to tell how far it is.
                group.addTask {
                    try await node.time.sleep(for: Self.reportInterval)
                    return nil
                }
            }
            func take(_ part: FetchTally.Part?) async throws {
                if let part { return tally.add(part) }
                try await emit(tally.report(node))
                tick()
            }
            tick()
            while let file = try wanted.next() {
                while tally.isFull, let part = try await group.next() { try await take(part) }
                guard try !file.isHere(node), tally.begin(file) else { continue }
                group.addTask { await file.bring(node) }
            }
            while !tally.isIdle, let part = try await group.next() { try await take(part) }
            group.cancelAll()
            return tally
        }
    }
}
