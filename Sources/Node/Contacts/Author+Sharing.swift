package import Objects

extension Author {
    /// The id of the conversation of two people, which is its name, too (one-protocol 5.2).
    package static func pairID(_ first: IDHash, _ second: IDHash) -> String {
        [first, second].sorted().map(\.hex).joined(separator: "<->")
    }

    /// The conversation with one other person, made if it is not there, and granted to both; returns its topic.
    @discardableResult
    package func pairTopic(of owner: IDHash, with person: IDHash, into draft: inout Draft) throws -> ObjectHash {
        let id = Self.pairID(owner, person)
        let topic = try topic(id: id, in: &draft)
        try share(topic, with: [owner, person], owner: owner, into: &draft)
        return topic
    }

    private func topic(id: String, in draft: inout Draft) throws -> ObjectHash {
        let channel = try Channel(id: id, owner: nil).idHash(book)
        guard try draft.version(of: channel) != nil else { return try createTopic(id: id, name: id, into: &draft) }
        // The channel came before its topic; what is in it stays.
        let topic = try draft.add(
            OneObject(
                "Topic",
                [("name", .string(id)), ("id", .string(id)), ("channel", .reference(channel.objectHash))]
            )
        )
        try register(channels: [channel], into: &draft)
        try register(topics: [(id, topic.hash)], into: &draft)
        return topic.hash
    }

    /// Grants a conversation: its topic, and the channel in which this side writes (one-protocol 5.2).
    package func share(
        _ topic: ObjectHash,
        with persons: [IDHash],
        owner: IDHash,
        into draft: inout Draft
    ) throws {
        let channel = try channel(ofTopic: topic, owner: owner, in: draft)
        let channelID = try channel.idHash(book)
        if try draft.version(of: channelID) == nil {
            // Its first version: nobody can be given a channel without one.
            try draft.change(channel.object, at: time.now)
            try register(channels: [channelID], into: &draft)
        }
        try share(.versions(of: channelID), with: persons, into: &draft)
        try share(.object(topic), with: persons, into: &draft)
    }

    /// The same where the channel may still have to come: a shared one is not begun here.
    func grant(
        _ topic: ObjectHash,
        with persons: [IDHash],
        owner: IDHash,
        into draft: inout Draft
    ) throws {
        let channel = try channel(ofTopic: topic, owner: owner, in: draft)
        guard channel.owner == nil else { return try share(topic, with: persons, owner: owner, into: &draft) }
        try share(.versions(of: channel.idHash(book)), with: persons, into: &draft)
        try share(.object(topic), with: persons, into: &draft)
    }

    /// Takes the grant of a conversation back; what the other side has it keeps.
    package func unshare(_ topic: ObjectHash, with person: IDHash, owner: IDHash, into draft: inout Draft) throws {
        let channel = try channel(ofTopic: topic, owner: owner, in: draft).idHash(book)
        try unshare(.versions(of: channel), with: person, into: &draft)
        try unshare(.object(topic), with: person, into: &draft)
    }
}
