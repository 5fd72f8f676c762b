/// Why something cannot be written as microdata or read from it.
package enum MicrodataError: Error, Hashable, Sendable {
    case unknownType(String)
    /// The object does not fit its recipe; the text names the property and the reason.
    case invalid(String)
    /// The bytes are not what the recipe could have produced; the offset is in bytes.
    case malformed(String, offset: Int)
}

/// ONE's text form of objects (one-format 1): what goes to disk, onto the wire and into hashes.
///
/// Reading is strict: what is accepted is written again to the same bytes.
package enum Microdata {
    /// The longest microdata read.
    package static let byteCountMax = 256 << 20

    static let objectPrefix = #"<div itemscope itemtype="//refin.io/"#
    static let idObjectPrefix = #"<div data-id-object="true" itemscope itemtype="//refin.io/"#
}

extension Microdata {
    /// The microdata of an object.
    ///
    /// Properties the recipe does not know are an error, but dropped in nested objects, as the reference does
    /// (one-format 1.3).
    package static func bytes(of object: OneObject, _ book: RecipeBook) throws(MicrodataError) -> [UInt8] {
        let layout = try book.layout(of: object.type.utf8)
        var writer = MicrodataWriter()
        try writer.write(object, layout)
        return writer.out
    }

    /// The microdata of the ID object of an object of a versioned type (one-format 2.2); other properties may be missing.
    package static func idBytes(of object: OneObject, _ book: RecipeBook) throws(MicrodataError) -> [UInt8] {
        let layout = try book.layout(of: object.type.utf8)
        guard layout.isVersioned else { throw .invalid("\(object.type) has no ID properties") }
        var writer = MicrodataWriter()
        try writer.writeID(object, layout)
        return writer.out
    }

    /// The name of all versions of the thing this object is a version of (one-format 2.2).
    package static func idHash(of object: OneObject, _ book: RecipeBook) throws(MicrodataError) -> IDHash {
        IDHash(ObjectHash(of: try idBytes(of: object, book)))
    }

    /// Reads an object.
    package static func object(from bytes: [UInt8], _ book: RecipeBook) throws(MicrodataError) -> OneObject {
        var reader = try MicrodataReader(bytes)
        return try reader.object(isID: false, book)
    }

    /// Reads an ID object.
    package static func idObject(from bytes: [UInt8], _ book: RecipeBook) throws(MicrodataError) -> OneObject {
        var reader = try MicrodataReader(bytes)
        return try reader.object(isID: true, book)
    }

    /// The direct references of an object, in the order in which they are written, map keys and nested ones included.
    package static func references(of object: OneObject, _ book: RecipeBook) throws(MicrodataError) -> [Reference] {
        try references(in: bytes(of: object, book), book)
    }

    /// The direct references in the microdata of an object or ID object; of a type nobody here knows those its tags show.
    package static func references(in bytes: [UInt8], _ book: RecipeBook) throws(MicrodataError) -> [Reference] {
        var reader = try MicrodataReader(bytes, collectsReferences: true)
        do throws(MicrodataError) {
            _ = try reader.object(isID: bytes.starts(with: idObjectPrefix.utf8), book)
            return reader.references
        } catch {
            guard case .unknownType = error else { throw error }
            return try unreadReferences(in: bytes)
        }
    }

    /// The direct references that the tags of an object or ID object show, whatever its recipe is.
    package static func unreadReferences(in bytes: [UInt8]) throws(MicrodataError) -> [Reference] {
        var unknown = try UnknownMicrodata(bytes)
        try unknown.read()
        return unknown.references
    }
}
