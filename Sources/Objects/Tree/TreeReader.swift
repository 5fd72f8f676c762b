/// The tree of conversations, contacts and files, answered from what this instance knows, without the network.
///
/// The implementation decides names, numbers, sizes and times; a view only shows them. All calls are quick and may come
/// from any thread. `ObjectError.unknown` means: no such entry.
package protocol TreeReader: Sendable {
    func entry(_ number: EntryNumber) throws(ObjectError) -> Entry
    /// The entry of this name in a directory; also finds names an entry had before (design 8).
    func entry(named name: String, in directory: EntryNumber) throws(ObjectError) -> Entry
    /// Up to `limit` entries of a directory in the order of their numbers, after this number (nil: from the start),
    /// which need not be there any more: a listing goes on where it was.
    func entries(in directory: EntryNumber, after: EntryNumber?, limit: Int) throws(ObjectError) -> [Entry]
    /// The bytes of an entry of kind `document`; `ObjectError.unreachable` if what it says is not here.
    func document(_ number: EntryNumber) throws(ObjectError) -> [UInt8]
    /// What is known of an object, with `held` telling whether its bytes are here; nil if it is unknown.
    func known(_ hash: ObjectHash) throws(ObjectError) -> (object: KnownObject, held: Bool)?
    /// Up to `limit` known objects whose hash starts with this byte, in order, after this one.
    func objects(prefix: UInt8, after: ObjectHash?, limit: Int) throws(ObjectError) -> [KnownObject]
    /// Numbers of the entries whose bytes are this object.
    func places(of hash: ObjectHash) throws(ObjectError) -> [EntryNumber]
    /// Names of instances known to hold an object.
    func holders(of hash: ObjectHash) throws(ObjectError) -> [String]
    /// The name something had before it was made safe, where it differs; for the xattr `user.iom.name`.
    func originalName(of number: EntryNumber) throws(ObjectError) -> String?
    /// Type names of the ONE objects known, in order.
    func types() throws(ObjectError) -> [String]
    /// Up to `limit` known ONE objects of a type, in order, after this one.
    func objects(type: String, after: ObjectHash?, limit: Int) throws(ObjectError) -> [KnownObject]
    /// What changed in the tree since the sequence was made, as it happens: an element is what changed at once, in any
    /// order. Unbounded; consumers may join at any time.
    func changes() -> AsyncStream<[TreeChange]>
}

/// A change the kernel's caches must be told of.
package enum TreeChange: Hashable, Sendable {
    /// Attributes or bytes of this entry are other than before.
    case content(EntryNumber)
    /// This name in this directory appeared, disappeared or means something else.
    case name(String, in: EntryNumber)
}

/// Numbers of the entries that always exist; all others are above `firstFree`.
package enum FixedEntry {
    package static let root: EntryNumber = 1
    package static let readme: EntryNumber = 2
    package static let conversations: EntryNumber = 3
    package static let contacts: EntryNumber = 4
    package static let files: EntryNumber = 5
    /// The folder for machines, `.iom`.
    package static let machine: EntryNumber = 6
    package static let firstFree: EntryNumber = 1 << 16
}
