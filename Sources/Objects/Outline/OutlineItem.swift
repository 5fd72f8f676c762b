/// A piece of the tree as one instance tells it to another that keeps no details of it.
///
/// All items together are enough for the same names, sizes, times and inode numbers; what a message says is in none.
package enum OutlineItem: Hashable, Sendable {
    case day(OutlineDay)
    /// Who takes part in a conversation.
    case people(OutlinePeople)
    case file(OutlineFile)
    /// A file or folder is no longer there.
    case gone(EntryNumber)
}

/// A day of a conversation.
package struct OutlineDay: Hashable, Sendable, Codable {
    /// The topic's id.
    package var topic: String
    /// Days since 1970-01-01.
    package var day: Int
    package var messageCount: Int
    package var attachmentCount: Int
    /// Size of its text in bytes.
    package var byteCount: Int
    /// Of its first and last message, in milliseconds since 1970.
    package var first: Double
    package var last: Double

    package init(
        topic: String,
        day: Int,
        messageCount: Int,
        attachmentCount: Int,
        byteCount: Int,
        first: Double,
        last: Double
    ) {
        (self.topic, self.day) = (topic, day)
        (self.messageCount, self.attachmentCount, self.byteCount) = (messageCount, attachmentCount, byteCount)
        (self.first, self.last) = (first, last)
    }

    /// Whether it can be shown: counts and times within what is possible.
    package var isPlausible: Bool {
        CivilTime.days.contains(day) && (1...1 << 40).contains(messageCount) && (0...1 << 40).contains(attachmentCount)
            && (0...1 << 50).contains(byteCount) && first <= last && first.isFinite && last.isFinite
    }
}

/// Who takes part in a conversation, beside those whose channels and rights say so.
package struct OutlinePeople: Hashable, Sendable, Codable {
    package static let personsMax = 10_000

    /// The topic's id.
    package var topic: String
    package var persons: [IDHash]

    package init(topic: String, persons: [IDHash]) { (self.topic, self.persons) = (topic, persons) }
}

/// A file or folder: an attachment beside its day, or one of the owner's own files.
package struct OutlineFile: Hashable, Sendable {
    package enum Place: Hashable, Sendable {
        /// In the month of its time, of the conversation of this topic id.
        case conversation(String)
        /// In this folder.
        case folder(EntryNumber)
    }

    package var number: EntryNumber
    package var place: Place
    /// The safe name it has if no other has it.
    package var name: String
    /// The name before it was made safe, where it differs.
    package var original: String?
    /// Order among those that want the same name: time in milliseconds since 1970, then hash.
    package var time: Double
    package var hash: ObjectHash?
    package var modified: Timestamp
    /// What it has in it; nil for a folder.
    package var content: KnownObject?

    package init(
        number: EntryNumber,
        place: Place,
        name: String,
        original: String?,
        time: Double,
        hash: ObjectHash?,
        modified: Timestamp,
        content: KnownObject?
    ) {
        (self.number, self.place, self.name, self.original) = (number, place, name, original)
        (self.time, self.hash, self.modified, self.content) = (time, hash, modified, content)
    }
}

/// What is posted to a conversation on one day, by hash: enough to bring it and to show it.
package struct PostedMessage: Hashable, Sendable, Codable {
    /// ID hash of its channel, and whose it is.
    package var channel: IDHash
    package var owner: IDHash?
    /// The CreationTime.
    package var creation: ObjectHash
    /// What stands beside it in its channel: signatures.
    package var metadata: [ObjectHash]
    /// Everything it is shown by: text, signatures, certificates, descriptors.
    package var objects: [ObjectHash]

    package init(
        channel: IDHash,
        owner: IDHash?,
        creation: ObjectHash,
        metadata: [ObjectHash],
        objects: [ObjectHash]
    ) {
        (self.channel, self.owner, self.creation) = (channel, owner, creation)
        (self.metadata, self.objects) = (metadata, objects)
    }
}
