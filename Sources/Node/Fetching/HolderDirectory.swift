package import Objects

/// Where holders come from: the node's live sessions.
package protocol HolderDirectory: Sendable {
    /// Instances that can be asked now, the best first.
    func holders(of hash: ObjectHash) -> [Holder]
    /// Why nobody can be asked, when `holders` are none.
    func absence(of hash: ObjectHash) -> ObjectError
    /// What is known of the object; nil if nobody has heard of it.
    func known(_ hash: ObjectHash) throws(ObjectError) -> KnownObject?
    /// These objects are on this disk now, each from this holder.
    func stored(_ objects: [(object: KnownObject, holder: String)])
    /// Earlier contents of the paths at which this object is, the newest first.
    func olderVersions(of hash: ObjectHash) -> [KnownObject]
    /// A fetch from this holder failed; nil if there was none to ask.
    func failed(_ hash: ObjectHash, _ error: ObjectError, at holder: String?)
}

extension HolderDirectory {
    package func olderVersions(of hash: ObjectHash) -> [KnownObject] { [] }
}
