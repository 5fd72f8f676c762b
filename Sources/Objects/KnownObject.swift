/// What the bytes of an object are (one-format 1.1); the raw value is used on disk and on the wire.
package enum ObjectKind: UInt8, Sendable, Hashable, Codable, CaseIterable {
    /// Microdata of a ONE object.
    case one = 0
    /// Microdata of an ID object.
    case id = 1
    /// UTF-8 text that is not microdata.
    case clob = 2
    /// Any bytes.
    case blob = 3
}

/// What is known of an object without its bytes.
package struct KnownObject: Hashable, Sendable {
    package var hash: ObjectHash
    package var kind: ObjectKind
    /// Type name of a ONE or ID object, else nil.
    package var type: String?
    package var byteCount: Int

    package init(hash: ObjectHash, kind: ObjectKind, type: String?, byteCount: Int) {
        (self.hash, self.kind, self.type, self.byteCount) = (hash, kind, type, byteCount)
    }

    /// Judges bytes by their first characters (one-format 3.4): a hint for blobs and clobs, sure for microdata that parses.
    package init(hash: ObjectHash, bytes: some Collection<UInt8>) {
        let (kind, type) = ObjectKind.sniff(prefix: bytes.prefix(ObjectKind.sniffByteCount))
        self.init(hash: hash, kind: kind, type: type, byteCount: bytes.count)
    }
}

/// One line of an instance's feed: something it has come to know, hold or drop.
package enum Change: Hashable, Sendable {
    /// The instance knows this object; `held` tells whether it has the bytes.
    case object(KnownObject, held: Bool)
    /// The head of this ID hash is this version node.
    case head(IDHash, node: ObjectHash)
}
