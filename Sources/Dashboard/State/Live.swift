import Catalog
import Node
import Objects

/// What happens, told as it happens.
struct Live: Encodable, Hashable, Sendable {
    static let itemCount = 50

    var arrivals: [Item] = []
    /// Arrivals beyond those.
    var more = 0
    var underway: [Item] = []

    struct Item: Encodable, Hashable, Sendable {
        /// Path in the tree; the hash of what has none.
        var name: String
        var hash: ObjectHash
        var byteCount: Int?
        var localByteCount: Int?
        var holder: String?
        /// reader, command, pin, policy or prefetch.
        var reason: String?
        var program: String?
    }
}

extension Live.Item {
    init(_ arrival: Arrival, on node: Node) {
        (hash, byteCount, holder) = (arrival.hash, arrival.byteCount, arrival.holder)
        name = Self.name(of: arrival.hash, on: node)
        reason = arrival.reason.map { "\($0)" }
        program = arrival.reason == .reader ? arrival.cause : nil
    }

    init(_ underway: Underway, on node: Node) {
        (hash, byteCount, localByteCount) = (underway.hash, underway.byteCount, underway.localByteCount)
        name = Self.name(of: underway.hash, on: node)
    }

    private static func name(of hash: ObjectHash, on node: Node) -> String {
        (try? node.catalog.paths(of: hash).first) ?? hash.hex
    }
}
