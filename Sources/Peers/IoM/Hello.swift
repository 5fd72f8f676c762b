/// What two instances tell each other first (service 32).
package struct Hello: Hashable, Sendable, Codable {
    package static let currentVersion = 1

    package struct Storage: Hashable, Sendable, Codable {
        package var usedByteCount: Int
        /// nil: unlimited.
        package var quotaByteCount: Int?

        package init(usedByteCount: Int, quotaByteCount: Int?) {
            (self.usedByteCount, self.quotaByteCount) = (usedByteCount, quotaByteCount)
        }
    }

    package var version: Int
    package var name: String
    /// `archive`, `cache` or `minimal`.
    package var role: String
    package var features: [String]
    package var storage: Storage?
    /// How many objects the sender holds.
    package var objectCount: Int?
    /// The number of the last change in the sender's feed.
    package var lastChange: Int64?
    /// Names the numbering of the sender's feed: when it differs from last time, numbers start anew.
    package var feed: String

    package init(
        version: Int = currentVersion,
        name: String,
        role: String,
        features: [String] = [],
        storage: Storage? = nil,
        objectCount: Int? = nil,
        lastChange: Int64? = nil,
        feed: String
    ) {
        (self.version, self.name, self.role) = (version, name, role)
        (self.features, self.storage, self.objectCount, self.feed) = (features, storage, objectCount, feed)
        self.lastChange = lastChange
    }
}
