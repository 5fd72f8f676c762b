package import SystemPackage

/// An object of which only parts are here, as one reader sees it; the rest comes when it is read.
///
/// What is given out is verified. Keeping it says that the reader may go on; letting it go ends what is fetched ahead.
package protocol ArrivingObject: AnyObject, Sendable {
    /// A descriptor of a file that has the bytes of this range at their place, if they are here; open as long as this is.
    ///
    /// Waits for nothing.
    func local(_ range: Range<Int>) -> FileDescriptor?
    /// Exactly the bytes of this range, cut at the end of the object.
    func read(_ range: Range<Int>) async throws(ObjectError) -> [UInt8]
}
