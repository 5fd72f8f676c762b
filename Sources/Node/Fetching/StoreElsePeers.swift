package import Objects
package import Storage
package import SystemPackage

/// A store with other instances behind it: what is not here is fetched, kept, and read from here.
package struct StoreElsePeers: ObjectReader {
    private let store: ObjectStore
    private let fetcher: Fetcher
    private let directory: any HolderDirectory

    package init(store: ObjectStore, fetcher: Fetcher, directory: any HolderDirectory) {
        (self.store, self.fetcher, self.directory) = (store, fetcher, directory)
    }

    package func byteCount(of hash: ObjectHash) async throws(ObjectError) -> Int {
        if let byteCount = try store.localByteCount(of: hash) { return byteCount }
        guard let known = try directory.known(hash) else { throw .unknown }
        return known.byteCount
    }

    package func read(_ range: Range<Int>, of hash: ObjectHash) async throws(ObjectError) -> [UInt8] {
        try await fetcher.read(range, of: hash)
    }

    package func openLocal(_ hash: ObjectHash) throws(ObjectError) -> FileDescriptor? {
        try store.openLocal(hash)
    }
}
