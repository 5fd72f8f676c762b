package import Objects

/// A message that is to be written.
package struct NewMessage: Sendable {
    package var text: String
    package var attachments: [NewAttachment] = []
    package var time: Timestamp

    package init(text: String, attachments: [NewAttachment] = [], time: Timestamp) {
        (self.text, self.attachments, self.time) = (text, attachments, time)
    }
}

/// A file that goes with a message; its bytes are stored already.
package struct NewAttachment: Sendable {
    package var blob: KnownObject
    package var name: String
    package var mimeType: String
    package var modified: Timestamp

    package init(blob: KnownObject, name: String, mimeType: String, modified: Timestamp) {
        (self.blob, self.name, self.mimeType, self.modified) = (blob, name, mimeType, modified)
    }

    /// The `BlobDescriptor` (one-protocol 5.2).
    var descriptor: OneObject {
        OneObject(
            "BlobDescriptor",
            [
                ("data", .reference(blob.hash)), ("lastModified", .number(modified.milliseconds.rounded(.down))),
                ("name", .string(name)), ("size", .number(Double(blob.byteCount))), ("type", .string(mimeType)),
            ]
        )
    }
}

/// The thing that a channel entry carries, affirmed by its author and ready to be inserted.
package struct Posting: Sendable {
    package let creationTime: ObjectHash
    let milliseconds: Double
    /// The author's signature, and what else belongs to the entry.
    package var metadata: [ObjectHash]
}

extension Author {
    /// Adds a message and its `CreationTime` to a draft (one-protocol 6.4); the signature comes separately.
    package func write(_ message: NewMessage, from sender: IDHash, into draft: inout Draft) throws -> Posting {
        let descriptors = try message.attachments.map { try draft.add($0.descriptor).hash }
        let chat = OneObject(
            "ChatMessage",
            [
                ("text", .string(message.text)),
                ("attachments", descriptors.isEmpty ? nil : .list(descriptors.map(Value.reference))),
                ("sender", .reference(sender.objectHash)),
            ]
        )
        return try write(of: draft.add(chat).hash, at: message.time, into: &draft)
    }

    /// Adds a `CreationTime` of something.
    package func write(of data: ObjectHash, at time: Timestamp, into draft: inout Draft) throws -> Posting {
        let milliseconds = time.milliseconds.rounded(.down)
        let creation = OneObject("CreationTime", [("timestamp", .number(milliseconds)), ("data", .reference(data))])
        return Posting(creationTime: try draft.add(creation).hash, milliseconds: milliseconds, metadata: [])
    }

    /// Inserts postings, oldest first, into a channel at their places in time; one new version of the channel for all.
    package func post(_ postings: [Posting], to channel: Channel, into draft: inout Draft) throws {
        var info = try draft.version(of: channel.idHash(book)) ?? channel.object
        var head: ObjectHash?
        if case .reference(let hash)? = info["head"] { head = hash }
        for posting in postings {
            head = try ChannelList.insert(
                creationTime: posting.creationTime,
                milliseconds: posting.milliseconds,
                metadata: posting.metadata,
                under: head,
                into: &draft
            )
        }
        info["head"] = head.map(Value.reference)
        try draft.change(info, at: time.now)
    }
}

/// A channel, by what identifies it: an id and, unless it is shared, the person who alone writes into it.
package struct Channel: Hashable, Sendable {
    package let id: String
    package let owner: IDHash?

    package init(id: String, owner: IDHash?) { (self.id, self.owner) = (id, owner) }

    /// A `ChannelInfo` without entries.
    var object: OneObject {
        OneObject("ChannelInfo", [("id", .string(id)), ("owner", owner.map { .reference($0.objectHash) })])
    }

    func idHash(_ book: RecipeBook) throws -> IDHash {
        IDHash(ObjectHash(of: try Microdata.idBytes(of: object, book)))
    }
}
