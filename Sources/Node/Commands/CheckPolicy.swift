import Catalog
import Objects
import Storage

/// Compares what is here with what the policy asks for, and what is used with the quota.
package struct CheckPolicy: NodeCommand {
    package static let name = "check"

    package init() {}

    package struct Item: Codable, Sendable {
        package var policy: PolicyCheck
        package var used: Int
        /// null: unlimited.
        package var quota: Int?

        package var isWithinQuota: Bool { quota.map { used <= $0 } ?? true }

        /// For people.
        package var lines: [String] {
            var lines = [
                "must be here   \(policy.demanded) objects, \(ByteCount(policy.demandedByteCount))",
                "missing        \(policy.missingCount) objects, \(policy.untoldMessages) messages",
                "without room   \(policy.withoutRoom) objects and messages",
            ]
            lines += policy.reasons.sorted { $0.key < $1.key }.map {
                "               \($0.value) by the rule \($0.key)"
            }
            lines.append("used           \(ByteCount(used)) of \(quota.map { "\(ByteCount($0))" } ?? "unlimited")")
            return lines
        }
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        let check = try PolicyCheck(node.demand(), in: node.catalog, room: node.supplyRoom()) { object in
            // The disk has the last word, not the catalog.
            try node.store.localByteCount(of: object.hash) != nil
        }
        let reading = try node.charge.reading()
        let item = Item(policy: check, used: reading.used, quota: reading.quota)
        try await emit(item)
        if !check.isMet {
            let words = "\(check.missingCount + check.untoldMessages) of what must be here is not here"
            throw CommandError(
                "\(words): connect to a device that has it",
                exitCode: 3
            )
        }
        if !item.isWithinQuota { throw CommandError("more is used than `max_storage` allows", exitCode: 3) }
    }
}
