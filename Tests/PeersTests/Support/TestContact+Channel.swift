import Objects

@testable import Peers

/// A conversation written by hand (one-protocol 6.4).
extension TestContact {
    /// Posts one message on top of a list; returns the new first entry.
    func post(_ text: String, at time: Double, attachments: [[UInt8]] = [], on previous: ObjectHash?) throws
        -> ObjectHash
    {
        let descriptors = try attachments.enumerated().map { index, bytes in
            try add(
                OneObject(
                    "BlobDescriptor",
                    [
                        ("data", .reference(store(bytes))), ("lastModified", .number(time)),
                        ("name", .string("file \(index)")), ("size", .number(Double(bytes.count))),
                        ("type", .string("application/octet-stream")),
                    ]
                )
            )
        }
        let message = OneObject(
            "ChatMessage",
            [
                ("text", .string(text)),
                ("attachments", descriptors.isEmpty ? nil : .list(descriptors.map(Value.reference))),
                ("sender", .reference(personID.objectHash)),
            ]
        )
        let creation = OneObject(
            "CreationTime",
            [("timestamp", .number(time)), ("data", .reference(try add(message)))]
        )
        return try add(
            OneObject(
                "LinkedListEntry",
                [("data", .reference(add(creation))), ("previous", previous.map(Value.reference))]
            )
        )
    }

    /// The current version of a channel with this head, and grants of it and its topic.
    @discardableResult
    func offer(channel id: String, head: ObjectHash?, at time: Double) throws -> ObjectHash {
        let info = OneObject("ChannelInfo", [("id", .string(id)), ("head", head.map(Value.reference))])
        let node = try edge(info, at: time)
        let channel = try Microdata.idHash(of: info, .standard)
        let topic = try add(
            OneObject("Topic", [("id", .string(id)), ("channel", .reference(channel.objectHash))])
        )
        roots = [
            .unversioned(topic, type: "Topic"), .id(channel, type: "ChannelInfo"),
            .versionNode(node, id: channel, type: "ChannelInfo"),
        ]
        return node
    }

    /// A conversation of so many messages, some with attachments.
    func converse(_ count: Int, seed: UInt64, byteCountMax: Int = 2_000) throws {
        let random = SeededRandom(seed: seed)
        var head: ObjectHash?
        for number in 0..<count {
            let attachments = (0..<Int(random.number(below: 3))).map { _ in
                random.bytes(Int(random.number(below: UInt64(byteCountMax))))
            }
            head = try post("message \(number)", at: Double(number), attachments: attachments, on: head)
        }
        try offer(channel: "club \(seed)", head: head, at: Double(count))
    }
}
