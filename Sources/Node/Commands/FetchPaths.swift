import Objects
import Storage

/// Brings the bytes of paths or hashes to this device.
package struct FetchPaths: NodeCommand {
    package static let name = "fetch"
    package static var needsPeers: Bool { true }

    /// Fetches at once.
    private static let flightsMax = 16

    /// Paths in the tree, or hashes; folders with everything below.
    package var names: [String]

    package init(names: [String]) { self.names = names }

    package struct Item: Codable, Sendable {
        package var files = 0
        package var byteCount = 0
        package var alreadyHere = 0
        package var failed = 0
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        let walk = TreeWalk(view: node.view())
        var item = Item()
        var wanted: Set<ObjectHash> = []
        for name in names {
            if let hash = ObjectHash(hex: name) {
                try await node.find(hash)
                wanted.insert(hash)
                continue
            }
            for file in try walk.files(below: walk.entry(at: name)) {
                if case .object(let hash) = file.kind { wanted.insert(hash) }
            }
        }
        var failure: ObjectError?
        await withTaskGroup(of: Result<Int?, ObjectError>.self) { group in
            var running = 0
            func count(_ result: Result<Int?, ObjectError>) {
                switch result {
                case .success(let byteCount?):
                    (item.files, item.byteCount) = (item.files + 1, item.byteCount + byteCount)
                case .success(nil): item.alreadyHere += 1
                case .failure(let error): (item.failed, failure) = (item.failed + 1, error)
                }
            }
            for hash in wanted.sorted() {
                if running >= Self.flightsMax, let result = await group.next() {
                    count(result)
                    running -= 1
                }
                group.addTask { await Self.bring(hash, node) }
                running += 1
            }
            for await result in group { count(result) }
        }
        try await emit(item)
        guard let failure else { return }
        let words = CommandError.words(for: failure)
        throw CommandError("\(item.failed) of \(wanted.count) could not be fetched: \(words)", exitCode: 3)
    }

    /// Size of what was brought; nil if it was here.
    private static func bring(_ hash: ObjectHash, _ node: Node) async -> Result<Int?, ObjectError> {
        do throws(ObjectError) {
            if try node.store.localByteCount(of: hash) != nil { return .success(nil) }
            guard try await node.fetcher.fetch(hash) == nil else { return .failure(.noSpace) }
            return .success(try node.store.localByteCount(of: hash) ?? 0)
        } catch {
            return .failure(error)
        }
    }
}
