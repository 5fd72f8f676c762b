/// A message of a conversation (one-protocol 6).
package struct Message: Hashable, Sendable {
    /// Milliseconds since 1970 by the writer's clock, finite, within the years 0001 to 9999.
    package var time: Double
    /// Who affirmed it, else who it says it is from.
    package var author: IDHash
    package var authorName: String
    /// As it was written: not safe to print.
    package var text: String
    /// The ChatMessage.
    package var hash: ObjectHash
    /// Its CreationTime.
    package var creation: ObjectHash
    /// Whether the author's signature on it was verified with a trusted key (one-protocol 6.2).
    package var isVerified: Bool
    /// In the order of the message.
    package var attachments: [Attachment]

    package init(
        time: Double,
        author: IDHash,
        authorName: String,
        text: String,
        hash: ObjectHash,
        creation: ObjectHash,
        isVerified: Bool,
        attachments: [Attachment]
    ) {
        (self.time, self.author, self.authorName, self.text) = (time, author, authorName, text)
        (self.hash, self.creation, self.isVerified, self.attachments) = (hash, creation, isVerified, attachments)
    }
}

/// Something attached to a message: a BlobDescriptor with its blob, or any other ONE object.
package struct Attachment: Hashable, Sendable {
    /// The object the message refers to.
    package var hash: ObjectHash
    /// The bytes that are attached: the blob, or the object itself.
    package var data: ObjectHash
    /// As it was given, possibly empty: not safe to name a file.
    package var name: String
    /// MIME type, possibly empty.
    package var type: String
    package var byteCount: Int
    /// Name of its entry, in the same directory as the day it belongs to.
    package var entryName: String

    package init(hash: ObjectHash, data: ObjectHash, name: String, type: String, byteCount: Int, entryName: String) {
        (self.hash, self.data, self.name, self.type) = (hash, data, name, type)
        (self.byteCount, self.entryName) = (byteCount, entryName)
    }
}
