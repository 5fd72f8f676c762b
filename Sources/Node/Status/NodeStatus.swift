import Catalog
import Foundation
import Logging
import Objects
import Peers
import Storage
import SystemPackage
import Views

/// What the mount shows of the node: the documents of `.iom/status/`, room, pins, and why a fetch failed.
struct NodeStatus: StatusSource {
    private static let eventsShown = 1_000

    let node: Node

    func text(of document: StatusDocument) throws(ObjectError) -> StatusText {
        do {
            let bytes =
                switch document {
                case .instances: try lines([instances()])
                case .events: try lines(events())
                case .stats: try lines([node.statusReport().stats])
                case .connections: try lines([node.statusReport().connections])
                }
            return StatusText(bytes: bytes, modified: node.time.now)
        } catch let error as ObjectError {
            throw error
        } catch {
            throw .system(.ioError, "\(document.rawValue): \(error)")
        }
    }

    private func lines(_ items: [some Encodable]) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try items.reduce(into: []) { bytes, item in bytes += try encoder.encode(item) + [0x0A] }
    }

    private struct Instance: Encodable {
        var id: IDHash
        var name: String
        var type: String
        var role: String
        var status: String
        var endpoint: String?
    }

    private func instances() -> [Instance] {
        (node.roll?.members ?? []).map { member in
            let registration = member.registration
            return Instance(
                id: registration.instanceID,
                name: member.name,
                type: registration.deviceType,
                role: registration.storageRole,
                status: node.state(of: registration),
                endpoint: registration.endpoint
            )
        }
    }

    private struct Event: Encodable {
        var id: Int64
        /// Milliseconds since 1970.
        var timestamp: Int64
        var type: String
        var source: String?
        var target: String?
        var details: String?
        var status: String
    }

    private func events() throws -> [Event] {
        func known(_ text: String) -> String? { text.isEmpty ? nil : text }
        return try node.catalog.events(last: Self.eventsShown).map { event in
            Event(
                id: event.id,
                timestamp: event.time.nanoseconds / 1_000_000,
                type: event.type,
                source: known(event.source),
                target: known(event.target),
                details: known(event.details),
                status: event.status
            )
        }
    }

    var space: StorageSpace {
        let disk = try? node.store.space()
        let free = UInt64(max(0, disk?.freeByteCount ?? 0))
        let used = UInt64(max(0, (try? node.catalog.statistics())?.heldByteCount ?? 0))
        let quota = node.policy.maxStorage.map { UInt64($0.value) }
        return StorageSpace(usedByteCount: used, quotaByteCount: min(quota ?? .max, used + free))
    }

    func isPinned(_ target: PinTarget) throws(ObjectError) -> Bool { node.pins.contains(path: target.path) }

    func setPinned(_ isPinned: Bool, _ target: PinTarget) throws(ObjectError) {
        try node.pins.set(isPinned, path: target.path)
    }

    func errorText(of hash: ObjectHash) -> String? { node.links.errorText(of: hash) }

    func skipped(_ entry: Entry, because reason: String) {
        node.logger.warning("an entry is not shown", metadata: ["number": "\(entry.number)", "reason": "\(reason)"])
    }
}

extension Node {
    /// this, online, offline or revoked.
    func state(of registration: Registration) -> String {
        if registration.isRevoked { return "revoked" }
        if registration.instanceID == identity?.instanceID { return "this" }
        return links.isConnected(to: registration.instanceID) ? "online" : "offline"
    }
}
