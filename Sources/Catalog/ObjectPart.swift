package import Objects

/// What an object is part of, as far as it decides whether it is kept.
package enum ObjectPart: Hashable, Sendable {
    /// Who somebody is.
    case contact(isOwner: Bool)
    /// Microdata of a message of this day.
    case message(DayPlace)
    /// The bytes of an attachment, and when it was posted.
    case attachment(Timestamp)
    /// The bytes of one of the owner's own files, and when it was changed.
    case file(Timestamp)
    /// Anything else.
    case other

    package var isMessage: Bool { if case .message = self { true } else { false } }
}

/// A day of a conversation, and how far back it is.
package struct DayPlace: Hashable, Sendable {
    /// The catalog's number of the conversation.
    package var thread: Int64
    /// Days since 1970-01-01.
    package var day: Int
    /// Of its last message.
    package var last: Timestamp
    package var messageCount: Int
    /// Messages of later days.
    package var newerMessageCount: Int

    package init(thread: Int64, day: Int, last: Timestamp, messageCount: Int, newerMessageCount: Int) {
        (self.thread, self.day, self.last) = (thread, day, last)
        (self.messageCount, self.newerMessageCount) = (messageCount, newerMessageCount)
    }
}

/// An object that may be demanded.
package struct PlacedObject: Hashable, Sendable {
    package var hash: ObjectHash
    package var byteCount: Int
    package var isHere: Bool
    package var part: ObjectPart

    package init(hash: ObjectHash, byteCount: Int, isHere: Bool, part: ObjectPart) {
        (self.hash, self.byteCount, self.isHere, self.part) = (hash, byteCount, isHere, part)
    }
}
