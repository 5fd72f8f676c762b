import Objects
import Peers
import Synchronization

/// Asks one contact for single blobs: whenever a session runs, for what lies under something granted (one-protocol 4.7).
///
/// After a new connection the contact has to be asked what belongs to a root before it gives any of it.
final class ContactAsking: Sendable {
    /// A contact that took something back has forgotten what it told: then everything is asked anew, and no sooner again.
    private static let anewInterval = Duration.seconds(30)

    let session: ChumSession
    private let time: any Timekeeper
    private let turn = Room(count: 1)
    private let state = Mutex(State())

    private struct State {
        /// Roots of which it was asked what belongs to them.
        var listed: Set<ObjectHash> = []
        /// How often it was asked.
        var listingCount = 0
        /// When everything was asked anew.
        var anew: Duration?
    }

    init(_ session: ChumSession, time: any Timekeeper) { (self.session, self.time) = (session, time) }

    var name: String { session.peer.name }

    /// Grows whenever more may be given.
    var listingCount: Int { state.withLock { $0.listingCount } }

    /// After something was not given: asks what belongs to the roots, one after the other, until one has it.
    ///
    /// `count` is what `listingCount` was before; true if it is worth asking for it again.
    func unlock(_ hash: ObjectHash, since count: Int) async throws(CallError) -> Bool {
        guard await turn.take() else { throw .cancelled }
        defer { turn.leave() }
        // Somebody else has asked meanwhile.
        guard listingCount == count else { return true }
        let roots = try await session.client.roots()
        // Attachments are in channels, and what is new more often than what is old.
        let versions = roots.reversed().filter { if case .versionNode = $0 { true } else { false } }
        let others = roots.filter { if case .versionNode = $0 { false } else { true } }
        let before = state.withLock { state in
            // Only what is offered now needs to be remembered.
            state.listed.formIntersection(roots.map(\.hash))
            return state.listed
        }
        if try await list(versions + others, until: hash) { return true }
        guard mayAskAnew(about: before) else { return false }
        return try await list(versions + others, until: hash)
    }

    private func list(_ roots: [AccessibleRoot], until hash: ObjectHash) async throws(CallError) -> Bool {
        var trouble: CallError?
        for root in roots where !state.withLock({ $0.listed.contains(root.hash) }) {
            let kind: Reference.Kind = if case .id = root { .id } else { .object }
            do throws(CallError) {
                let children = try await session.client.children(of: ObjectChild(kind, root.hash))
                state.withLock { state in
                    state.listed.insert(root.hash)
                    state.listingCount += 1
                }
                if children.contains(where: { $0.hash == hash }) { return true }
            } catch {
                // One of them that is not given says nothing about the others.
                guard case .failed = error else { throw error }
                if ObjectError(error, peer: name) == .unreachable { trouble = error }
            }
        }
        if let trouble { throw trouble }
        return false
    }

    private func mayAskAnew(about roots: Set<ObjectHash>) -> Bool {
        let now = time.elapsed
        return state.withLock { state in
            guard !roots.isEmpty, state.anew.map({ now - $0 >= Self.anewInterval }) ?? true else { return false }
            state.listed.subtract(roots)
            state.anew = now
            return true
        }
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
    /// How much the contact had told when it was asked.
    private var listingCount = 0

    init(_ asking: ContactAsking, _ hash: ObjectHash) { (self.asking, self.hash) = (asking, hash) }

    func next() async throws(ObjectError) -> [UInt8]? {
        do throws(CallError) {
            while true {
                do throws(CallError) {
                    return try await piece()
                } catch {
                    guard case .failed(let failure) = error, failure.code == ChumService.blobNotAccessible,
                        try await asking.unlock(hash, since: listingCount)
                    else { throw error }
                    stream = nil
                }
            }
        } catch {
            throw ObjectError(error, peer: asking.name)
        }
    }

    private func piece() async throws(CallError) -> [UInt8]? {
        if stream == nil {
            listingCount = asking.listingCount
            stream = try await asking.session.client.blob(hash)
        }
        return try await stream?.next()
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
