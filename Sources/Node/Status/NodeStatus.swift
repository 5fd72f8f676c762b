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
            let snapshot = try node.recentSnapshot()
            let bytes =
                switch document {
                case .instances: try DocumentText.line(snapshot.instances)
                case .events: try node.events.events(last: Self.eventsShown).flatMap(DocumentText.line)
                case .stats: try DocumentText.line(snapshot.stats)
                case .connections: try DocumentText.line(snapshot.allConnections)
                case .snapshot: try DocumentText.line(snapshot)
                case .metrics: Array(snapshot.metrics().utf8)
                }
            return StatusText(bytes: bytes, modified: Timestamp(milliseconds: Double(snapshot.takenAt)))
        } catch let error as ObjectError {
            throw error
        } catch {
            throw .system(.ioError, "\(document.rawValue): \(error)")
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
