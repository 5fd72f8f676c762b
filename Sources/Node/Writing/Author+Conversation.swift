import Catalog
package import Objects

extension Author {
    /// Starts a conversation with a shared channel (one-protocol 5.2); returns its topic.
    @discardableResult
    package func createTopic(id: String, name: String?, into draft: inout Draft) throws -> ObjectHash {
        try createTopics([(id, name)], into: &draft)[0]
    }

    /// The same for several, with one version of each registry; returns their topics in the same order.
    package func createTopics(
        _ topics: [(id: String, name: String?)],
        into draft: inout Draft
    ) throws -> [ObjectHash] {
        var channels: [IDHash] = []
        let objects = try topics.map { id, name in
            let info = try draft.change(Channel(id: id, owner: nil).object, at: time.now)
            guard let channel = info.idHash else { throw MicrodataError.invalid("ChannelInfo has versions") }
            channels.append(channel)
            return try draft.add(
                OneObject(
                    "Topic",
                    [
                        ("name", name.map(Value.string)), ("id", .string(id)),
                        ("channel", .reference(channel.objectHash)),
                    ]
                )
            ).hash
        }
        try register(channels: channels, into: &draft)
        try register(topics: Array(zip(topics.map(\.id), objects)), into: &draft)
        return objects
    }

    /// The channel a message of `owner` goes to: the shared one, or the owner's own where each participant has one.
    package func channel(ofTopic topic: ObjectHash, owner: IDHash, in draft: borrowing Draft) throws -> Channel {
        let object = try draft.object(topic)
        guard object.type == "Topic", case .string(let id)? = object["id"],
            case .reference(let channel)? = object["channel"]
        else { throw MicrodataError.invalid("\(topic) is no topic") }
        let info = try draft.version(of: IDHash(channel)) ?? versions.idObject(IDHash(channel))
        let isShared = info["owner"] == nil
        return Channel(id: id, owner: isShared ? nil : owner)
    }

    func register(channels new: [IDHash], into draft: inout Draft) throws {
        var registry = OneObject("ChannelRegistry", [("id", .string("ChannelRegistry")), ("channels", .list([]))])
        registry = try draft.version(of: idHash(of: registry)) ?? registry
        guard case .list(var channels)? = registry["channels"] else { return }
        let known = Set(channels)
        channels += new.map { .reference($0.objectHash) }.filter { !known.contains($0) }
        registry["channels"] = .list(channels)
        try draft.change(registry, at: time.now)
    }

    /// Lists topics, of each id the first that came; returns those that were not there.
    ///
    /// They are granted to all persons the owner is: what one of them has the others have, too (one-protocol 7.3).
    @discardableResult
    func register(topics new: [(id: String, topic: ObjectHash)], into draft: inout Draft) throws -> [ObjectHash] {
        var registry = OneObject("TopicAppRegistry", [("id", .string("TopicAppRegistry")), ("topics", .map([]))])
        registry = try draft.version(of: idHash(of: registry)) ?? registry
        guard case .map(var topics)? = registry["topics"] else { return [] }
        var known = Set(topics.map(\.key))
        var added: [ObjectHash] = []
        for (id, topic) in new where known.insert(.string(id)).inserted {
            topics.append(.init(.string(id), .reference(topic)))
            added.append(topic)
        }
        registry["topics"] = .map(topics)
        try draft.change(registry, at: time.now)
        if let owner = catalog.owner, case let persons = try ownPersons(in: draft), persons.count > 1 {
            for topic in added { try grant(topic, with: persons, owner: owner, into: &draft) }
        }
        return added
    }

    private func idHash(of object: OneObject) throws -> IDHash {
        IDHash(ObjectHash(of: try Microdata.idBytes(of: object, book)))
    }
}
