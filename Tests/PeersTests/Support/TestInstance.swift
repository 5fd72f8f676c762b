import Objects
import Synchronization

@testable import Peers

/// One instance of an invented owner: keys, a registration, objects, and a feed.
final class TestInstance: Membership, IoMService, JoinHandler {
    struct Owner: Sendable {
        let key: SignKeyPair
        let id: IDHash

        init(seed: UInt64) {
            key = SignKeyPair(random: SeededRandom(seed: seed))
            id = IDHash(ObjectHash(of: key.publicKey))
        }
    }

    let name: String
    let owner: Owner
    let boxKey: BoxKeyPair
    let proof: RegistrationProof
    let feedLines = OneShot<Void>()
    /// Offered in `hello`.
    let features: [String]
    private struct State {
        var objects: [ObjectHash: [UInt8]] = [:]
        /// Sent instead of the right bytes.
        var wrong: [ObjectHash: [UInt8]] = [:]
        var changes: [Change] = []
        var revoked: Set<[UInt8]> = []
        var tokens: Set<String> = []
        var readers: [Pulse] = []
        var cancelledFeedCount = 0
        var servedCount: [ObjectHash: Int] = [:]
        var kind = ObjectKind.blob
        var keepsEverything = true
    }

    private let state = Mutex(State())

    init(_ name: String, owner: Owner, seed: UInt64, features: [String] = []) throws {
        (self.name, self.owner, self.features) = (name, owner, features)
        let random = SeededRandom(seed: seed)
        boxKey = BoxKeyPair(random: random)
        proof = try Self.proof(name, key: boxKey.publicKey, owner: owner, random: random)
    }

    /// Two instances of one owner.
    static func pair() throws -> (archive: TestInstance, laptop: TestInstance) {
        let owner = Owner(seed: 1)
        return (try TestInstance("archive", owner: owner, seed: 2), try TestInstance("laptop", owner: owner, seed: 3))
    }

    static func proof(_ name: String, key: [UInt8], owner: Owner, random: some RandomSource) throws -> RegistrationProof
    {
        let registration = Registration(
            instanceID: IDHash(ObjectHash(of: Array(name.utf8))),
            ownerID: owner.id,
            deviceType: "desktop",
            storageRole: "cache",
            capabilities: ["mount"],
            publicKey: key,
            publicSignKey: SignKeyPair(random: random).publicKey,
            endpoint: nil,
            validFrom: 1,
            revokedAt: nil
        )
        return try RegistrationProof(registration, key: owner.key)
    }

    func peering(_ time: any Timekeeper = SystemTime(), random: any RandomSource = SystemRandom()) -> Peering {
        Peering(identity: boxKey, timekeeper: time, random: random)
    }

    /// `body` runs in each session of this instance.
    func group(_ body: @escaping @Sendable (IoMSession) async -> Void) -> IoMGroup {
        IoMGroup(membership: self, joins: self, service: self, body: body)
    }

    /// A group whose sessions last until the other side ends them.
    var waiting: IoMGroup { group { session in _ = await session.ended() } }

    // MARK: Membership

    func ownProof() -> RegistrationProof { proof }

    func admit(_ proof: RegistrationProof, provenKey: [UInt8]) throws(PeerError) -> Member {
        do throws(MembershipError) {
            let registration = try proof.verified(owner: owner.id, ownerSignKey: owner.key.publicKey)
            guard !state.withLock({ $0.revoked.contains(registration.publicKey) }) else { throw .wrongSignature }
            return Member(name: "peer-\(Hex.text(provenKey.prefix(2)))", registration: registration)
        } catch {
            throw .refused("not a member: \(error)")
        }
    }

    func revoke(_ key: [UInt8]) { state.withLock { _ = $0.revoked.insert(key) } }

    // MARK: JoinHandler

    func invite(_ token: String) { state.withLock { _ = $0.tokens.insert(token) } }

    func claim(_ request: JoinRequest) throws(PeerError) {
        guard state.withLock({ $0.tokens.remove(request.token) }) != nil else { throw .refused("unknown invitation") }
    }

    func complete(_ request: JoinRequest, words: ConfirmationWords) async throws(PeerError) -> JoinReply {
        guard request.name != "unwanted" else { throw .refused("not confirmed") }
        let proof = try? Self.proof(
            request.name,
            key: request.publicKey,
            owner: owner,
            random: SeededRandom(seed: 99)
        )
        guard let proof else { throw .refused("no registration") }
        return JoinReply(objects: [Array(words.description.utf8), Array("<é>".utf8)], proof: proof)
    }

    // MARK: IoMService

    @discardableResult
    func store(_ bytes: [UInt8], sending wrong: [UInt8]? = nil) -> ObjectHash {
        let hash = ObjectHash(of: bytes)
        let readers = state.withLock { state in
            state.objects[hash] = bytes
            state.wrong[hash] = wrong
            state.changes.append(.object(KnownObject(hash: hash, bytes: bytes), held: true))
            return state.readers
        }
        for reader in readers { reader.signal() }
        return hash
    }

    /// What it calls all its objects.
    var kind: ObjectKind {
        get { state.withLock { $0.kind } }
        set { state.withLock { $0.kind = newValue } }
    }

    func servedCount(_ hash: ObjectHash) -> Int { state.withLock { $0.servedCount[hash] ?? 0 } }
    var cancelledFeedCount: Int { state.withLock { $0.cancelledFeedCount } }

    func hello(_ theirs: Hello, from caller: IoMSession) async throws(CallFailure) -> Hello {
        Hello(name: name, role: "archive", features: [theirs.name] + features, feed: "feed-of-\(name)")
    }

    func object(
        _ hash: ObjectHash,
        requester: String,
        for caller: IoMSession
    ) async throws(CallFailure) -> ServedObject? {
        guard requester != "refuse" else { throw CallFailure(message: "no", code: ServiceCode.refused) }
        let bytes = state.withLock { state in
            state.servedCount[hash, default: 0] += 1
            return state.wrong[hash] ?? state.objects[hash]
        }
        guard let bytes else { return nil }
        return ServedObject(kind: kind, byteCount: bytes.count) { range in Array(bytes[range]) }
    }

    func held(_ hashes: [ObjectHash], for caller: IoMSession) async throws(CallFailure) -> [ObjectHash: Int] {
        state.withLock { state in
            Dictionary(uniqueKeysWithValues: hashes.compactMap { hash in state.objects[hash].map { (hash, $0.count) } })
        }
    }

    var keepsEverything: Bool {
        get { state.withLock { $0.keepsEverything } }
        set { state.withLock { $0.keepsEverything = newValue } }
    }

    func prove(
        _ hashes: [ObjectHash],
        nonce: Nonce,
        to writer: inout PossessionWriter,
        for caller: IoMSession
    ) async throws {
        writer.begin(keepsEverything: keepsEverything)
        guard keepsEverything else { return }
        for hash in hashes {
            let bytes = state.withLock { $0.wrong[hash] ?? $0.objects[hash] }
            try await writer.write(bytes.map { PossessionProof(of: $0, nonce: nonce) })
        }
    }

    func feed(after sequence: Int64, limit: Int, to writer: FeedWriter, for caller: IoMSession) async throws {
        let pulse = Pulse()
        state.withLock { $0.readers.append(pulse) }
        try await writer.send(FeedBatch(proofs: [proof]))
        var position = Int(sequence)
        while true {
            let items = state.withLock { state in
                state.changes.enumerated().dropFirst(position).prefix(limit).map { index, change in
                    FeedBatch.Item(sequence: Int64(index + 1), change: change)
                }
            }
            position += items.count
            if !items.isEmpty {
                try await writer.send(FeedBatch(changes: items))
            } else if !(await pulse.wait()) {
                state.withLock { $0.cancelledFeedCount += 1 }
                return
            }
        }
    }

    func status(for caller: IoMSession) async throws(CallFailure) -> String { "{\"name\":\"\(name)\"}" }

    func affirm(_ hash: ObjectHash, for caller: IoMSession) async throws(CallFailure) -> AffirmationProof {
        do throws(MicrodataError) {
            let affirmation = try Affirmation(of: hash, by: owner.id, key: owner.key, .standard)
            return AffirmationProof(
                certificate: affirmation.certificate.bytes,
                signature: affirmation.signature.bytes,
                license: affirmation.license.bytes
            )
        } catch {
            throw CallFailure(message: "no", code: ServiceCode.failed)
        }
    }
}
