package import Objects

/// Brings what the owner wrote into its channel: affirmed by the key that is here, or by a custodian in reach.
package struct Postman: Sendable {
    package enum Outcome: Sendable { case posted, pending }

    let author: Author
    let identity: Identity
    let outbox: Outbox
    /// Who signs: the key that is here, or the custodians that can be reached.
    let affirmer: any Affirmer

    /// Writes a message into a conversation; it waits in the outbox while nobody can affirm it.
    package func say(_ message: NewMessage, topic: ObjectHash) async throws -> Outcome {
        let posting = try author.commit { draft in
            try author.write(message, from: identity.ownerID, into: &draft)
        }
        let pending = Pending(topic: topic, creationTime: posting.creationTime)
        try outbox.add(pending)
        return try await deliver(pending)
    }

    /// Puts files under `files/`; throws if nobody can affirm it now.
    ///
    /// Nothing is written if they are there as they are.
    package func add(_ files: [NewFile]) async throws {
        guard var posting = try author.writeFiles(files, owner: identity.ownerID) else { return }
        let affirmation = try await affirmer.affirm(posting.creationTime)
        let channel = Channel(id: Author.filesChannelID, owner: identity.ownerID)
        try author.commit { draft in
            posting.metadata.append(try author.addAffirmation(affirmation, to: &draft))
            try author.post([posting], to: channel, into: &draft)
        }
    }

    /// Tries everything in the outbox once more, oldest first.
    package func deliverAll() async throws {
        for pending in outbox.pending {
            guard try await deliver(pending) == .posted else { return }
        }
    }

    /// Takes out of the outbox what is in its conversation: whoever posted it was killed before they could.
    package func forgetPosted() throws {
        let draft = Draft(book: author.book, current: author.versions)
        for pending in outbox.pending where try isPosted(pending, draft) { try outbox.remove(pending) }
    }

    private func isPosted(_ pending: Pending, _ draft: borrowing Draft) throws -> Bool {
        let channel = try author.channel(ofTopic: pending.topic, owner: identity.ownerID, in: draft)
        guard case .number(let time)? = try author.versions.object(pending.creationTime)["timestamp"],
            case .reference(let head)? = try draft.version(of: channel.idHash(author.book))?["head"]
        else { return false }
        return try ChannelList.contains(pending.creationTime, milliseconds: time, under: head, in: draft)
    }

    private func deliver(_ pending: Pending) async throws -> Outcome {
        let affirmation: [EncodedObject]
        do {
            affirmation = try await affirmer.affirm(pending.creationTime)
        } catch AffirmationError.noCustodian {
            return .pending
        }
        guard case .number(let time)? = try author.versions.object(pending.creationTime)["timestamp"] else {
            throw MicrodataError.invalid("\(pending.creationTime) has no time")
        }
        try author.commit { draft in
            let signature = try author.addAffirmation(affirmation, to: &draft)
            let posting = Posting(creationTime: pending.creationTime, milliseconds: time, metadata: [signature])
            let channel = try author.channel(ofTopic: pending.topic, owner: identity.ownerID, in: draft)
            try author.post([posting], to: channel, into: &draft)
        }
        try outbox.remove(pending)
        return .posted
    }
}
