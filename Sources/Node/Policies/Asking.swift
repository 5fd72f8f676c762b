import Catalog
import Logging
import Objects
import Peers
import Storage

/// Asks another instance whether it keeps everything and has some objects, and checks what it proves against the bytes
/// here.
struct Asking: Sendable {
    /// An answer has so long, and more for what has to be read.
    private static let patience = Duration.seconds(30)
    private static let bytesPerSecondMin = 10_000_000
    /// Objects and bytes that are asked for at once.
    static let countMax = IoMClient.hashCountMax

    let node: Node

    struct Outcome: Sendable {
        /// nil: it gave no answer; empty: it does not keep everything.
        var answers: [ObjectHash: Eviction.Answer]?
        var confirmation: HolderConfirmation
    }

    /// Asks for up to `countMax` objects that are here, and keeps what was confirmed or denied.
    func ask(_ session: IoMSession, _ hashes: [ObjectHash]) async -> Outcome {
        let name = session.member.name
        let turn = node.vouching.ask()
        var outcome = Outcome(
            answers: nil,
            confirmation: HolderConfirmation(instance: name, time: node.time.now, turn: turn)
        )
        let nonce = Nonce(random: node.random)
        guard let theirs = await possessions(session, hashes, nonce) else { return outcome }
        guard theirs.keepsEverything else {
            outcome.answers = [:]
            return outcome
        }
        guard let answers = try? await compare(theirs, hashes, nonce) else { return outcome }
        outcome.answers = answers
        keep(answers, outcome.confirmation)
        return outcome
    }

    private func possessions(_ session: IoMSession, _ hashes: [ObjectHash], _ nonce: Nonce) async -> Possessions? {
        let byteCount = hashes.reduce(0) { $0 + ((try? node.store.localByteCount(of: $1)) ?? 0) }
        let limit = Self.patience + .seconds(byteCount / Self.bytesPerSecondMin)
        return await withTaskGroup(of: Possessions?.self) { group in
            group.addTask {
                do {
                    return try await session.client.have(hashes, nonce: nonce)
                } catch {
                    let reason = LogReason.metadata(error, peer: session.member.name)
                    node.logger.info("asking a device what it has failed", metadata: reason)
                    return nil
                }
            }
            group.addTask {
                try? await node.time.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private func compare(
        _ theirs: Possessions,
        _ hashes: [ObjectHash],
        _ nonce: Nonce
    ) async throws -> [ObjectHash: Eviction.Answer] {
        var answers: [ObjectHash: Eviction.Answer] = [:]
        for (hash, proof) in zip(hashes, theirs.proofs) {
            let own =
                proof == nil
                ? nil
                : try await withTaskExecutorPreference(DiskThreads.shared) {
                    try await node.store.proof(of: hash, nonce: nonce)
                }
            answers[hash] = Eviction.Answer(theirs: proof, own: own)
        }
        return answers
    }

    /// What cannot be written down, as on a full disk, still counts for whoever asked.
    private func keep(_ answers: [ObjectHash: Eviction.Answer], _ confirmation: HolderConfirmation) {
        let proven = answers.filter { $0.value == .proven }.map(\.key)
        let others = answers.filter { $0.value != .proven }.map(\.key)
        if !proven.isEmpty {
            try? node.catalog.confirm(proven, confirmation)
            node.charge.look()
        }
        if !others.isEmpty { try? node.catalog.deny(others, by: confirmation.instance) }
        for (hash, _) in answers.filter({ $0.value == .wrong }) {
            let words = "it has other bytes under this name"
            node.events.record(
                .corruptObject,
                source: confirmation.instance,
                target: hash.hex,
                details: words,
                failed: true
            )
        }
    }
}
