package import Objects
import SystemPackage

/// An object that arrives piece by piece in `incoming/`. It is stored by `commit` alone; otherwise it leaves no trace.
package struct StagedObject: ~Copyable {
    private let store: ObjectStore
    private let path: DiskPath
    private var file: OpenFile
    private var hasher: SHA256? = SHA256()
    private var prefix: [UInt8] = []
    private var isDetached = false
    /// Bytes received.
    package private(set) var byteCount = 0

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
        self.init(store, path, try ObjectError.from("staging an object") { () throws(Errno) in
            try OpenFile(path, .create(permissions: ObjectStore.permissions), on: store.disk)
        })
    }

    private init(_ store: ObjectStore, _ path: DiskPath, _ file: consuming OpenFile) {
        (self.store, self.path) = (store, path)
        self.file = file
    }

    /// Takes a file itself, under a second name. Only where a person asked for it.
    static func linking(_ source: FilePath, in store: ObjectStore) throws(ObjectError) -> Self {
        let path = store.incoming.newPath()
        var staged = Self(store, path, try ObjectError.from("linking \(source)") { () throws(Errno) in
            try store.disk.link(source, as: path)
            do throws(Errno) {
                return try OpenFile(path, .read, on: store.disk)
            } catch {
                try? store.disk.remove(path)
                throw error
            }
        })
        try staged.takeFile()
        return staged
    }

    deinit {
        // Gone already if it was published. The store's next start removes what cannot be removed now.
        if !isDetached { try? store.disk.remove(path) }
    }

    package mutating func append(_ bytes: some ContiguousBytes) throws(ObjectError) {
        do throws(Errno) { try file.append(bytes) } catch { throw ObjectError(error, "staging an object") }
        take(bytes)
    }

    private mutating func take(_ bytes: some ContiguousBytes) {
        hasher?.update(bytes)
        bytes.withUnsafeBytes { buffer in
            byteCount += buffer.count
            prefix += buffer.prefix(ObjectKind.sniffByteCount - prefix.count)
        }
    }

    /// Fills a new object from a file: by sharing its blocks where the file system can, else by copying.
    mutating func fill(from source: FileDescriptor) throws(ObjectError) -> Transfer {
        precondition(byteCount == 0, "filled twice")
        let isCloned = store.disk.clone(source, into: file.handle)
        if !isCloned {
            do throws(Errno) { try copy(from: source) } catch { throw ObjectError(error, "copying a file into the store") }
        }
        try takeFile()
        return isCloned ? .cloned : .copied
    }

    /// Hashes what is in the file already.
    private mutating func takeFile() throws(ObjectError) {
        var hasher = SHA256()
        var (prefix, byteCount): ([UInt8], Int) = ([], 0)
        do throws(Errno) {
            // What is hashed is what is stored, whatever happens to the source meanwhile.
            try file.forEachPiece { (piece) throws(Errno) in
                hasher.update(piece)
                byteCount += piece.count
                prefix += piece.prefix(ObjectKind.sniffByteCount - prefix.count)
            }
        } catch {
            throw ObjectError(error, "copying a file into the store")
        }
        (self.prefix, self.byteCount) = (prefix, byteCount)
        self.hasher = consume hasher
    }

    private func copy(from source: FileDescriptor) throws(Errno) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: OpenFile.pieceByteCount, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count: Int
            do { count = try source.read(into: buffer) } catch { throw error as? Errno ?? .ioError }
            if count == 0 { return }
            try file.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    /// Ends staging without storing: the file, closed but not durable, is the caller's.
    consuming func detach() throws(ObjectError) -> (path: DiskPath, known: KnownObject) {
        let known = finish()
        do throws(Errno) { try file.close() } catch { throw ObjectError(error, "storing \(known.hash)") }
        isDetached = true
        return (path, known)
    }

    private mutating func finish() -> KnownObject {
        guard let hash = hasher.take()?.finish() else { preconditionFailure("finished twice") }
        let (kind, type) = ObjectKind.sniff(prefix: prefix)
        return KnownObject(hash: hash, kind: kind, type: type, byteCount: byteCount)
    }

    /// Stores the object, durable on return. Bytes that are not those expected are `.damaged`, and nothing is stored.
    package consuming func commit(expecting expected: ObjectHash? = nil) throws(ObjectError) -> KnownObject {
        let known = finish()
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
