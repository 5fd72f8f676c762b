extension StandardRecipes {
    /// Channels and what is said in them (one-protocol 5.2).
    static let channels: [Recipe] = [
        Recipe(
            "ChannelInfo",
            .id("id", .text),
            Recipe.Rule("owner", .id("Person"), optional: true, isID: true),
            .optional("head", .reference("LinkedListEntry")),
            mergeAlgorithms: [Recipe.MergeAlgorithm("head#referenceToObj", "LinkedListCrdtAlgorithm")]
        ),
        Recipe(
            "LinkedListEntry",
            .one("data", .reference("CreationTime")),
            .optional("metadata", .bag(.reference("*"))),
            .optional("previous", .reference("LinkedListEntry"))
        ),
        Recipe("CreationTime", .one("timestamp", .number), .one("data", .reference("*"))),
        Recipe(
            "ChannelRegistry",
            .id("id", .text("^ChannelRegistry$")),
            .one("channels", .set(.id("ChannelInfo")))
        ),
        Recipe("Topic", .optional("name", .text), .one("id", .text), .one("channel", .id("ChannelInfo"))),
        Recipe(
            "TopicAppRegistry",
            .id("id", .text("^TopicAppRegistry$")),
            .one("topics", .map(key: .text, value: .reference("Topic")))
        ),
        Recipe(
            "ChatMessage",
            .one("text", .text),
            .optional("attachments", .array(.reference("*"))),
            .one("sender", .id("Person")),
            .optional("thumbnails", .array(.reference("*")))
        ),
        Recipe("ChatRequest", .one("for", .text)),
        Recipe(
            "BlobDescriptor",
            .one("data", .blobReference),
            .one("lastModified", .number),
            .one("name", .text),
            .one("size", .number),
            .one("type", .text)
        ),
        Recipe("BlobCollection", .one("name", .text), .one("blobs", .array(.reference("BlobDescriptor")))),
    ]
}
