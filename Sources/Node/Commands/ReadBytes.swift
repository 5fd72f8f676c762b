import Catalog
import Foundation
import Objects
import Storage
import Views

/// The exact bytes of a path or hash, fetched if they are not here.
package struct ReadBytes: NodeCommand {
    package static let name = "get"
    package static var needsPeers: Bool { true }

    /// Bytes handed over in one piece.
    private static let pieceByteCount = 1 << 20

    package var target: String
    /// Otherwise only what is here is given.
    package var mayFetch: Bool

    package init(target: String, mayFetch: Bool = true) { (self.target, self.mayFetch) = (target, mayFetch) }

    package struct Item: Codable, Sendable {
        private var base64: String

        package init(bytes: [UInt8]) { base64 = Data(bytes).base64EncodedString() }

        package var bytes: [UInt8] { Data(base64Encoded: base64).map(Array.init) ?? [] }
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        let entry: Entry
        switch try Target(target, on: node, TreeWalk(view: node.view())) {
        case .object(let hash):
            if mayFetch { try await node.find(hash) }
            return try await give(hash, node, emit)
        case .entry(let found): entry = found
        }
        switch entry.kind {
        case .object(let hash): try await give(hash, node, emit)
        case .document:
            let view = node.view()
            let file = try view.open(entry.number)
            switch try view.read(0..<entry.byteCount, of: file, by: .unknown) {
            case .bytes(let bytes, let range): try await emit(Item(bytes: Array(bytes[range])))
            case .absent(let hash, let range):
                guard mayFetch else { throw ObjectError.fetchNotAllowed }
                try await emit(Item(bytes: view.fetch(range, of: hash, for: file)))
            case .local: throw ObjectError.unknown
            }
        case .directory, .link: throw CommandError("`\(target)` is a folder: `iom ls` lists it")
        }
    }

    private func give(
        _ hash: ObjectHash,
        _ node: Node,
        _ emit: @Sendable (Item) async throws -> Void
    ) async throws {
        let reader = node.reader
        let byteCount = try await reader.byteCount(of: hash)
        // One reader, so that what it reads in order is fetched ahead of it.
        let isHere = try node.store.contains(hash)
        guard isHere || mayFetch else { throw ObjectError.fetchNotAllowed }
        if !isHere { node.origins.note(hash, .command, by: "get") }
        let arriving = isHere ? nil : try reader.arriving(hash)
        for start in stride(from: 0, to: byteCount, by: Self.pieceByteCount) {
            let range = start..<min(start + Self.pieceByteCount, byteCount)
            let bytes =
                if let arriving { try await arriving.read(range) } else { try await reader.read(range, of: hash) }
            try await emit(Item(bytes: bytes))
        }
    }
}
