package import Objects
import SystemPackage

/// An object that arrives piece by piece in `incoming/`.
///
/// It is stored by `commit` alone; otherwise it leaves no trace.
package struct StagedObject: ~Copyable {
    let store: ObjectStore
    private let path: DiskPath
    var file: OpenFile
    let hash = RunningHash()
    private var isDetached = false
    /// Bytes received.
    package var byteCount: Int { hash.byteCount }

    /// How the bytes of a file come into the store.
    package enum Transfer: String, Sendable, Codable, CaseIterable {
        /// The two share their blocks until one of them changes.
        case cloned
        case copied
        /// The two are one file: who changes the other one damages this one.
        case linked
    }

    init(in store: ObjectStore) throws(ObjectError) {
        let path = store.incoming.newPath()
        self.init(
            store,
            path,
            try ObjectError.from("staging an object") { () throws(Errno) in
                try OpenFile(path, .create(permissions: ObjectStore.permissions), on: store.disk)
            }
        )
    }

    private init(_ store: ObjectStore, _ path: DiskPath, _ file: consuming OpenFile) {
        (self.store, self.path) = (store, path)
        self.file = file
    }

    /// Takes a file itself, under a second name.
    ///
    /// Only where a person asked for it.
    static func linking(_ source: DiskPath, of disk: PosixDisk, in store: ObjectStore) throws(ObjectError) -> Self {
        let path = store.incoming.newPath()
        let staged = Self(
            store,
            path,
            try ObjectError.from("linking \(source)") { () throws(Errno) in
                try store.disk.link(source, of: disk, as: path)
                do throws(Errno) {
                    return try OpenFile(path, .read, on: store.disk)
                } catch {
                    try? store.disk.remove(path)
                    throw error
                }
            }
        )
        try staged.takeFile()
        return staged
    }

    deinit {
        // Gone already if it was published. The store's next start removes what cannot be removed now.
        if !isDetached { try? store.disk.remove(path) }
    }

    package mutating func append(_ bytes: some ContiguousBytes) throws(ObjectError) {
        do throws(Errno) { try file.append(bytes) } catch { throw ObjectError(error, "staging an object") }
        bytes.withUnsafeBytes { hash.take($0) }
    }

    /// Ends staging without storing: the file, closed but not durable, is the caller's.
    consuming func detach() throws(ObjectError) -> (path: DiskPath, known: KnownObject) {
        let known = hash.finish()
        do throws(Errno) { try file.close() } catch { throw ObjectError(error, "storing \(known.hash)") }
        isDetached = true
        return (path, known)
    }

    /// Stores the object, durable on return.
    ///
    /// Bytes that are not those expected are `.damaged`, and nothing is stored.
    package consuming func commit(expecting expected: ObjectHash? = nil) throws(ObjectError) -> KnownObject {
        let known = hash.finish()
        guard expected == nil || expected == known.hash else { throw .damaged(by: "the sender") }
        if try store.settleExisting(known.hash) { return known }
        do throws(Errno) {
            try file.synchronize()
            try file.close()
        } catch {
            throw ObjectError(error, "storing \(known.hash)")
        }
        try store.publish(path, as: known.hash)
        return known
    }
}
