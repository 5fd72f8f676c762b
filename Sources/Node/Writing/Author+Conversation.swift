package import Objects

extension Author {
    /// Starts a conversation with a shared channel (one-protocol 5.2); returns its topic.
    @discardableResult
    package func createTopic(id: String, name: String?, into draft: inout Draft) throws -> ObjectHash {
        let channel = Channel(id: id, owner: nil)
        let info = try draft.change(channel.object, at: time.now)
        guard let channelID = info.idHash else { throw MicrodataError.invalid("ChannelInfo has versions") }
        let topic = try draft.add(
            OneObject(
                "Topic",
                [
                    ("name", name.map(Value.string)), ("id", .string(id)),
                    ("channel", .reference(channelID.objectHash)),
                ]
            )
        )
        try register(channel: channelID, into: &draft)
        try register(topic: topic.hash, id: id, into: &draft)
        return topic.hash
    }

    /// The channel a message of `owner` goes to: the shared one, or the owner's own where each participant has one.
    func channel(ofTopic topic: ObjectHash, owner: IDHash, in draft: borrowing Draft) throws -> Channel {
        let object = try draft.object(topic)
        guard object.type == "Topic", case .string(let id)? = object["id"],
            case .reference(let channel)? = object["channel"]
        else { throw MicrodataError.invalid("\(topic) is no topic") }
        let isShared = try versions.idObject(IDHash(channel))["owner"] == nil
        return Channel(id: id, owner: isShared ? nil : owner)
    }

    private func register(channel: IDHash, into draft: inout Draft) throws {
        var registry = OneObject("ChannelRegistry", [("id", .string("ChannelRegistry")), ("channels", .list([]))])
        registry = try draft.version(of: idHash(of: registry)) ?? registry
        guard case .list(var channels)? = registry["channels"] else { return }
        guard !channels.contains(.reference(channel.objectHash)) else { return }
        channels.append(.reference(channel.objectHash))
        registry["channels"] = .list(channels)
        try draft.change(registry, at: time.now)
    }

    private func register(topic: ObjectHash, id: String, into draft: inout Draft) throws {
        var registry = OneObject("TopicAppRegistry", [("id", .string("TopicAppRegistry")), ("topics", .map([]))])
        registry = try draft.version(of: idHash(of: registry)) ?? registry
        guard case .map(var topics)? = registry["topics"] else { return }
        guard !topics.contains(where: { $0.key == .string(id) }) else { return }
        topics.append(.init(.string(id), .reference(topic)))
        registry["topics"] = .map(topics)
        try draft.change(registry, at: time.now)
    }

    private func idHash(of object: OneObject) throws -> IDHash {
        IDHash(ObjectHash(of: try Microdata.idBytes(of: object, book)))
    }
}
