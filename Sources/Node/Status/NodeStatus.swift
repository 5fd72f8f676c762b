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
        guard let reading = try? node.charge.reading() else {
            return StorageSpace(usedByteCount: 0, quotaByteCount: 0)
        }
        return StorageSpace(usedByteCount: UInt64(reading.used), quotaByteCount: UInt64(reading.limit))
    }

    func isPinned(_ target: PinTarget) throws(ObjectError) -> Bool { try node.pins.pin(holding: target) != nil }

    func setPinned(_ isPinned: Bool, _ target: PinTarget) throws(ObjectError) {
        try node.pins.set(isPinned, target)
    }

    func previewStatus(of hash: ObjectHash) -> (byteCount: Int, modified: Timestamp)? {
        node.store.previews.status(of: hash)
    }

    func preview(of hash: ObjectHash) -> [UInt8]? { node.store.previews.bytes(of: hash) }

    func previews(after hash: ObjectHash?, limit: Int) -> [ObjectHash] {
        node.store.previews.hashes(after: hash, limit: limit)
    }

    func errorText(of hash: ObjectHash) -> String? { node.errorText(of: hash) }

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
