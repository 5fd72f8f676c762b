/// An object with its microdata and hash, and those of its ID object if its type has versions.
package struct EncodedObject: Sendable {
    package let object: OneObject
    package let hash: ObjectHash
    package let bytes: [UInt8]
    package let idHash: IDHash?
    package let idBytes: [UInt8]?

    package init(_ object: OneObject, _ book: RecipeBook) throws(MicrodataError) {
        self.object = object
        bytes = try Microdata.bytes(of: object, book)
        hash = ObjectHash(of: bytes)
        let isVersioned = try book.layout(of: object.type.utf8).isVersioned
        idBytes = isVersioned ? try Microdata.idBytes(of: object, book) : nil
        idHash = idBytes.map { IDHash(ObjectHash(of: $0)) }
    }

    /// What is known of the object itself.
    package var known: KnownObject {
        KnownObject(hash: hash, kind: .one, type: object.type, byteCount: bytes.count)
    }
}
