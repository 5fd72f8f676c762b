package import Objects

/// A message that is stored but not yet in its conversation, because the owner's affirmation of it is missing.
package struct Pending: Hashable, Sendable {
    /// The `Topic` object.
    package let topic: ObjectHash
    /// The `CreationTime` that is to be affirmed and inserted.
    package let creationTime: ObjectHash

    package init(topic: ObjectHash, creationTime: ObjectHash) {
        (self.topic, self.creationTime) = (topic, creationTime)
    }

    /// `<topic> <creation time>`, both in hex.
    init?(line: some StringProtocol) {
        let parts = line.split(separator: " ")
        guard parts.count == 2, let topic = ObjectHash(hex: parts[0]), let creation = ObjectHash(hex: parts[1]) else {
            return nil
        }
        self.init(topic: topic, creationTime: creation)
    }

    var line: String { "\(topic.hex) \(creationTime.hex)" }
}
