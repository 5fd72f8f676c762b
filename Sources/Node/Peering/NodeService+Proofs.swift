import Objects
import Peers
import Storage

extension NodeService {
    /// Answers that read at once, whoever asks.
    private static let room = Room(count: 2)
    /// Objects that are read before their proofs are sent.
    private static let stretchCount = 16

    func prove(
        _ hashes: [ObjectHash],
        nonce: Nonce,
        to writer: inout PossessionWriter,
        for caller: IoMSession
    ) async throws {
        guard node.policy.keepsEverything, await Self.room.take() else {
            return writer.begin(keepsEverything: false)
        }
        defer { Self.room.leave() }
        // Who cannot write down that it vouches, as on a full disk, does not.
        guard (try? node.vouching.vouch(at: node.time.now)) != nil else { return writer.begin(keepsEverything: false) }
        writer.begin(keepsEverything: true)
        for start in stride(from: 0, to: hashes.count, by: Self.stretchCount) {
            let stretch = hashes[start..<min(start + Self.stretchCount, hashes.count)]
            let proofs = try await withTaskExecutorPreference(DiskThreads.shared) { [store = node.store] in
                var proofs: [PossessionProof?] = []
                for hash in stretch { proofs.append(try await store.proof(of: hash, nonce: nonce)) }
                return proofs
            }
            for proof in proofs { try await writer.write(proof) }
        }
    }
}
