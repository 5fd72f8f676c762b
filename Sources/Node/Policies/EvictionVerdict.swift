package import Objects

/// What became of an object that was to be evicted, or would become of it.
package enum EvictionVerdict: Hashable, Codable, Sendable {
    /// Its bytes are gone from here: so many, and this instance has proven at this time to have them.
    case evicted(byteCount: Int, holder: String, verified: Timestamp)
    /// There was nothing to evict.
    case notLocal
    /// A person wants it here; by this pin.
    case pinned(by: String)
    /// This instance works with it: keys, members, current versions.
    case needed
    /// This instance keeps everything.
    case kept
    /// This instance kept everything, and others dropped objects on its word: it may drop none before this time.
    case promised(until: Timestamp)
    /// Nobody else was found to have it.
    case noHolder(NoHolder)

    /// Why nobody was found.
    package enum NoHolder: Hashable, Codable, Sendable {
        /// No other instance can be reached now.
        case unreachable
        /// Of those that can be reached none keeps everything.
        case noKeeper
        /// These keep everything, and do not have it.
        case missing(at: [String])
        /// The bytes this one has are not these.
        case wrong(at: String)
        /// It could not be asked to the end.
        case noAnswer(from: String)
    }

    package var isEvicted: Bool { if case .evicted = self { true } else { false } }

    /// For people.
    package var words: String {
        switch self {
        case .evicted(let byteCount, let holder, _): "\(ByteCount(byteCount)) freed; \(holder) has it"
        case .notLocal: "not on this device"
        case .pinned(let pin): "pinned by `\(pin)`: `iom unpin` first"
        case .needed: "this device works with it"
        case .kept: "this device keeps everything"
        case .promised: "this device kept everything until lately, and others rely on it for a day"
        case .noHolder(let reason): reason.words
        }
    }
}

extension EvictionVerdict.NoHolder {
    package var words: String {
        switch self {
        case .unreachable: "no other device can be reached to ask whether it has it"
        case .noKeeper: "no device that keeps everything can be reached to ask whether it has it"
        case .missing(let names): "not at \(names.joined(separator: ", ")): this may be the last copy"
        case .wrong(let name): "\(name) has other bytes under its name: run `iom fsck` there"
        case .noAnswer(let name): "\(name) did not answer: try again"
        }
    }
}
