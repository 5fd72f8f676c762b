/// Why versions of a thing cannot be brought together.
package enum MergeError: Error, Hashable, Sendable {
    /// Something they are made of cannot be read: try again when it is here.
    case unreadable(ObjectError)
    /// This object, or the history that leads to it, is none of the thing: nothing can be made of it.
    case damaged(ObjectHash, String)
    /// The recipe asks for what cannot be done, or the result does not fit it.
    case impossible(String)

    init(_ error: MicrodataError) { self = .impossible("\(error)") }
}
