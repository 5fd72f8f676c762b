import Objects
import Peers
import Synchronization

/// Asks one contact for single blobs: whenever a session runs, for what lies under something granted (one-protocol 4.7).
///
/// After a new connection the contact has to be asked what belongs to a root before it gives any of it.
final class ContactAsking: Sendable {
    let session: ChumSession
    private let turn = Room(count: 1)
    /// Roots of which it was asked what belongs to them.
    private let listed = Mutex<Set<ObjectHash>>([])

    init(_ session: ChumSession) { self.session = session }

    var name: String { session.peer.name }

    /// Asks what belongs to the roots, one after the other, until one has this; false if none has.
    func unlock(_ hash: ObjectHash) async throws(CallError) -> Bool {
        guard await turn.take() else { throw .cancelled }
        defer { turn.leave() }
        let roots = try await session.client.roots()
        // Attachments are in channels, and what is new more often than what is old.
        let versions = roots.reversed().filter { if case .versionNode = $0 { true } else { false } }
        let others = roots.filter { if case .versionNode = $0 { false } else { true } }
        var found = false
        for root in versions + others where !listed.withLock({ $0.contains(root.hash) }) {
            let kind: Reference.Kind = if case .id = root { .id } else { .object }
            let children = try await session.client.children(of: ObjectChild(kind, root.hash))
            listed.withLock { _ = $0.insert(root.hash) }
            found = children.contains { $0.hash == hash }
            if found { break }
        }
        return found
    }
}

extension Holder {
    /// A contact.
    init(_ asking: ContactAsking) {
        let name = asking.name
        self.init(
            name: name,
            key: .session(ObjectIdentifier(asking)),
            ask: { hashes, _ throws(ObjectError) in ContactAnswers(asking, hashes) },
            open: { hash, _ throws(ObjectError) in ContactPieces(asking, hash) },
            openRange: { hash, range, _ throws(ObjectError) in throw .unreachable },
            openChunks: { _, _ throws(ObjectError) in throw .unreachable },
            givesRanges: false
        )
    }
}

/// The bytes of a blob as a contact sends them.
private final class ContactPieces: PieceReader {
    private let asking: ContactAsking
    private let hash: ObjectHash
    private var stream: BlobStream?
    private var wasUnlocked = false

    init(_ asking: ContactAsking, _ hash: ObjectHash) { (self.asking, self.hash) = (asking, hash) }

    func next() async throws(ObjectError) -> [UInt8]? {
        while true {
            do throws(CallError) {
                if stream == nil { stream = try await asking.session.client.blob(hash) }
                guard let stream else { return nil }
                return try await stream.next()
            } catch {
                guard case .failed(let failure) = error, failure.code == "CES-GBL1" else {
                    throw ObjectError(error, peer: asking.name)
                }
                try await unlock()
            }
        }
    }

    private func unlock() async throws(ObjectError) {
        // It has taken the grant back.
        guard !wasUnlocked else { throw .refused(by: asking.name) }
        (wasUnlocked, stream) = (true, nil)
        let isGranted: Bool
        do throws(CallError) { isGranted = try await asking.unlock(hash) } catch {
            throw ObjectError(error, peer: asking.name)
        }
        guard isGranted else { throw .refused(by: asking.name) }
    }
}

/// Blobs that a contact gives, one after the other.
private final class ContactAnswers: AnswerReader {
    private let asking: ContactAsking
    private var hashes: ArraySlice<ObjectHash>
    private var current: (hash: ObjectHash, pieces: ContactPieces, bytes: [UInt8])?

    init(_ asking: ContactAsking, _ hashes: [ObjectHash]) { (self.asking, self.hashes) = (asking, hashes[...]) }

    func next() async throws(ObjectError) -> HolderAnswer? {
        if current == nil {
            guard let hash = hashes.popFirst() else { return nil }
            current = (hash, ContactPieces(asking, hash), [])
        }
        guard let (hash, pieces, bytes) = current else { return nil }
        do throws(ObjectError) {
            if let piece = try await pieces.next() {
                current?.bytes += piece
                guard bytes.count + piece.count <= Fetcher.memoryByteCountMax else {
                    throw .damaged(by: asking.name)
                }
                return .progress
            }
        } catch {
            current = nil
            if error == .cancelled { throw error }
            return .failed(hash, error)
        }
        current = nil
        return ObjectHash(of: bytes) == hash ? .object(hash, bytes) : .failed(hash, .damaged(by: asking.name))
    }
}
