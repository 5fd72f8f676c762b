import Catalog
import Foundation
import Objects
import Peers
import Storage

/// What this instance answers its own peers (design 6).
struct NodeService: IoMService {
    /// Objects up to this size are read in one piece.
    private static let wholeByteCountMax = 64 << 10

    let node: Node
    let own: Hello

    func transfers(with member: Member) -> TransferCounters { node.links.book.transfers(with: member.party) }

    func hello(_ theirs: Hello, from caller: IoMSession) async throws(CallFailure) -> Hello {
        var hello = own
        // Unknown is no reason to say nothing.
        hello.objectCount = try? node.catalog.statistics().heldCount
        hello.lastChange = try? node.catalog.lastChange()
        return hello
    }

    func object(
        _ hash: ObjectHash,
        requester: String,
        for caller: IoMSession
    ) async throws(CallFailure) -> ServedObject? {
        do throws(ObjectError) {
            guard let known = try node.catalog.known(hash)?.object else { return nil }
            if known.byteCount <= Self.wholeByteCountMax, let bytes = try node.store.localBytes(of: hash) {
                return served(bytes, of: known)
            }
            // A large file may have to be hashed: not by a thread that others wait for.
            let opened = await withTaskExecutorPreference(globalConcurrentExecutor) {
                Result { () throws(ObjectError) in try node.store.openLocal(hash) }
            }
            guard let file = try opened.get() else {
                // It has come from a third instance a moment ago.
                return node.fetcher.bytesInMemory(of: hash).map { served($0, of: known) }
            }
            let open = SharedFile(file)
            return ServedObject(kind: known.kind, byteCount: try open.byteCount()) { range throws(ObjectError) in
                try open.read(range)
            }
        } catch {
            throw CallFailure(error)
        }
    }

    func bring(_ hashes: [ObjectHash], for caller: IoMSession) async { await node.errands.bring(hashes) }

    private func served(_ bytes: [UInt8], of known: KnownObject) -> ServedObject {
        ServedObject(kind: known.kind, byteCount: bytes.count) { range in
            range == bytes.indices ? bytes : Array(bytes[range])
        }
    }

    func held(_ hashes: [ObjectHash], for caller: IoMSession) async throws(CallFailure) -> [ObjectHash: Int] {
        do throws(ObjectError) {
            var held: [ObjectHash: Int] = [:]
            for hash in hashes { held[hash] = try node.store.localByteCount(of: hash) }
            return held
        } catch {
            throw CallFailure(error)
        }
    }

    /// Registrations first, whenever they change; then what is new.
    func feed(after sequence: Int64, limit: Int, to writer: FeedWriter, for caller: IoMSession) async throws {
        let pulses = node.catalog.feedPulses()
        var position = sequence
        var age = -1
        while !Task.isCancelled {
            let (newAge, proofs) = node.roll?.proofs ?? (0, [])
            if newAge != age {
                age = newAge
                try await writer.send(FeedBatch(proofs: proofs))
            }
            let (changes, next) = try node.catalog.changes(after: position, limit: limit)
            if !changes.isEmpty {
                let items = changes.map { FeedBatch.Item(sequence: $0.0, change: $0.1) }
                try await writer.send(FeedBatch(changes: items))
                position = next
                continue
            }
            var iterator = pulses.makeAsyncIterator()
            guard await iterator.next() != nil else { return }
        }
    }

    func status(for caller: IoMSession) async throws(CallFailure) -> String {
        do {
            return String(decoding: try JSONEncoder().encode(node.peerReport()), as: UTF8.self)
        } catch {
            throw CallFailure("no status: \(error)")
        }
    }

    func affirm(_ hash: ObjectHash, for caller: IoMSession) async throws(CallFailure) -> AffirmationProof {
        do {
            return try await Notary(node: node).affirm(hash, for: caller)
        } catch let error as CallFailure {
            throw error
        } catch {
            throw CallFailure("cannot affirm: \(CommandError(explaining: error).message)")
        }
    }
}
