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
package enum Microdata {}
