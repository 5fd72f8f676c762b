package import Objects
package import Storage
package import SystemPackage

/// A store with other instances behind it: what is not here is fetched, kept, and read from here.
package struct StoreElsePeers: ObjectReader {
    private let store: ObjectStore
    private let fetcher: Fetcher
    private let directory: any HolderDirectory
    private let days: DayFetcher?

    package init(store: ObjectStore, fetcher: Fetcher, directory: any HolderDirectory, days: DayFetcher? = nil) {
        (self.store, self.fetcher, self.directory, self.days) = (store, fetcher, directory, days)
    }

    package func bring(document number: EntryNumber) async throws(ObjectError) {
        guard let days else { throw .unreachable }
        try await days.bring(number)
    }

    package func byteCount(of hash: ObjectHash) async throws(ObjectError) -> Int {
        if let byteCount = try store.localByteCount(of: hash) { return byteCount }
        guard let known = try directory.known(hash) else { throw .unknown }
        return known.byteCount
    }

    package func read(_ range: Range<Int>, of hash: ObjectHash) async throws(ObjectError) -> [UInt8] {
        let known = try directory.known(hash)
        if let known, known.byteCount > LargeFetcher.wholeByteCountMax, try !store.contains(hash) {
            return try await fetcher.large.reader(of: known).read(range)
        }
        do throws(ObjectError) {
            return try await fetcher.read(range, of: hash, known: known)
        } catch {
            // A full disk keeps nothing from readers: what cannot be kept comes as it is read.
            guard error == .noSpace, let known else { throw error }
            return try await fetcher.large.reader(of: known).read(range)
        }
    }

    package func openLocal(_ hash: ObjectHash) throws(ObjectError) -> FileDescriptor? {
        try store.openLocal(hash)
    }

    package func arriving(_ hash: ObjectHash) throws(ObjectError) -> (any ArrivingObject)? {
        guard let known = try directory.known(hash), known.byteCount > LargeFetcher.wholeByteCountMax else {
            return nil
        }
        return fetcher.large.reader(of: known)
    }

    package func partialByteCount(of hash: ObjectHash) -> Int { store.partials.byteCount(of: hash) }
}
