package import Catalog
package import Objects
package import Storage
import Synchronization
package import SystemPackage

/// Writes what this instance makes itself: objects first, then heads, then the catalog; acknowledged when all are durable.
///
/// One writer at a time reads the current versions and replaces them, so no change is lost to another.
package final class Author: Sendable {
    package let book: RecipeBook
    package let versions: StoredVersions
    let store: ObjectStore
    let catalog: Catalog
    let time: any Timekeeper
    /// What a person writes is kept whatever the quota is; what is told makes room for it afterwards.
    private let charge: Charge?
    private let writing = Mutex(())

    package init(
        store: ObjectStore,
        catalog: Catalog,
        book: RecipeBook,
        time: any Timekeeper,
        charge: Charge? = nil
    ) {
        (self.store, self.catalog, self.book, self.time, self.charge) = (store, catalog, book, time, charge)
        versions = StoredVersions(store: store, book: book)
    }

    /// Stores what `body` puts into the draft.
    ///
    /// Nothing is stored if it throws.
    package func commit<Result>(_ body: (inout Draft) throws -> Result) throws -> Result {
        try writing.withLock { _ in
            var draft = Draft(book: book, current: versions)
            let result = try body(&draft)
            try store(draft)
            return result
        }
    }

    private func store(_ draft: Draft) throws {
        var bytes = draft.idObjects
        for object in draft.objects {
            if let idBytes = object.idBytes { bytes.append(idBytes) }
            bytes.append(object.bytes)
        }
        let known = try store.put(bytes)
        let contents = Dictionary(zip(known.map(\.hash), bytes)) { first, _ in first }
        var changes = known.map { Change.object($0, held: true) }
        try store.setHeads(draft.heads.map { ($0.key, $0.value) })
        changes += draft.heads.map { .head($0.key, node: $0.value) }
        try catalog.record(changes, contents: contents)
        charge?.look()
    }

    /// Stores a file's bytes as a blob and makes it known.
    package func putFile(_ path: FilePath) async throws -> KnownObject {
        var known = try await store.put(file: path)
        known.kind = .blob
        try catalog.record([.object(known, held: true)], from: nil)
        charge?.look()
        return known
    }

    /// Stores blobs as they come, in bounded memory, and makes each batch known when it is durable.
    package func put<Tag, Inputs: AsyncSequence>(
        all inputs: Inputs,
        meter: IntakeMeter = IntakeMeter(),
        stored: ([StoredObject<Tag>]) async throws -> Void
    ) async throws where Inputs.Element == NewObject<Tag> {
        try await store.put(all: inputs, meter: meter) { batch in
            var batch = batch
            for index in batch.indices { batch[index].mark(as: .blob) }
            try catalog.record(batch.compactMap { stored in stored.object.map { .object($0, held: true) } }, from: nil)
            charge?.look()
            try await stored(batch)
        }
    }

    /// Stores blobs with one barrier and makes them known.
    package func putBlobs(_ blobs: [[UInt8]]) throws -> [KnownObject] {
        let known = try store.put(blobs).map { known in
            KnownObject(hash: known.hash, kind: .blob, type: nil, byteCount: known.byteCount)
        }
        try catalog.record(known.map { .object($0, held: true) }, from: nil)
        charge?.look()
        return known
    }
}

/// The versions and objects in a store.
package struct StoredVersions: VersionReader {
    let store: ObjectStore
    let book: RecipeBook

    package func head(of idHash: IDHash) throws -> ObjectHash? { try store.head(of: idHash) }

    package func object(_ hash: ObjectHash) throws -> OneObject {
        guard let bytes = try store.localBytes(of: hash) else { throw ObjectError.unreachable }
        return try Microdata.object(from: bytes, book)
    }

    /// The ID object of a versioned thing.
    package func idObject(_ idHash: IDHash) throws -> OneObject {
        guard let bytes = try store.localBytes(of: idHash.objectHash) else { throw ObjectError.unreachable }
        return try Microdata.idObject(from: bytes, book)
    }

    /// The current version; nil if there is none.
    package func current(_ idHash: IDHash) throws -> OneObject? {
        guard let head = try head(of: idHash), let node = VersionNode(object: try object(head)) else { return nil }
        return try object(node.data)
    }
}
