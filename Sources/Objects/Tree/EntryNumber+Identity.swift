extension EntryNumber {
    /// The number of what this text identifies, such as `day/<topic id>/2026-11-22`: the first 8 bytes of its SHA-256
    /// without the highest bit, so that numbers above it are free for others; never one of the fixed numbers.
    package init(identity: [UInt8]) {
        let number = ObjectHash(of: identity).words.0 & ~(1 << 63)
        self = number < FixedEntry.firstFree ? number + FixedEntry.firstFree : number
    }

    package init(identity: String) { self.init(identity: Array(identity.utf8)) }
}
