import Catalog
import Objects
import Storage
import Synchronization

/// What the owner has granted to whom, by the versions that count (one-format 4.2-4.4).
///
/// Grants to groups are none here, as for the reference (one-protocol 4.10 #3).
final class GrantBook: Sendable {
    private static let pageCount = 1_000

    private let catalog: Catalog
    private let versions: StoredVersions
    private let state = Mutex(State())

    private struct State {
        /// What never changes: the versions of grants that were read.
        var read: [ObjectHash: Grant] = [:]
        var change: Int64 = -1
        var granted: [IDHash: [Shareable]] = [:]
    }

    /// One version of an `Access` or `IdAccess`.
    private struct Grant {
        var id: IDHash
        var thing: Shareable
        var persons: [IDHash]
    }

    init(catalog: Catalog, versions: StoredVersions) { (self.catalog, self.versions) = (catalog, versions) }

    /// What a person was granted, always in the same order.
    func granted(to person: IDHash) throws -> [Shareable] {
        let change = try catalog.lastChange()
        return try state.withLock { state in
            if state.change != change {
                state.granted = try readAll(&state.read)
                state.change = change
            }
            return state.granted[person] ?? []
        }
    }

    private func readAll(_ read: inout [ObjectHash: Grant]) throws -> [IDHash: [Shareable]] {
        var granted: [IDHash: [Shareable]] = [:]
        for type in ["Access", "IdAccess"] {
            var last: ObjectHash?
            while true {
                let page = try catalog.objects(type: type, after: last, limit: Self.pageCount)
                for object in page {
                    // One that cannot be read keeps nobody from the others.
                    guard let grant = try? read[object.hash] ?? self.grant(object.hash), isCurrent(object.hash, grant)
                    else { continue }
                    read[object.hash] = grant
                    for person in grant.persons { granted[person, default: []].append(grant.thing) }
                }
                guard let end = page.last, page.count == Self.pageCount else { break }
                last = end.hash
            }
        }
        return granted
    }

    private func grant(_ hash: ObjectHash) throws -> Grant? {
        let object = try versions.object(hash)
        let thing: Shareable? =
            switch object.type {
            case "Access": object.reference("object").map(Shareable.object)
            case "IdAccess": object.reference("id").map { .versions(of: IDHash($0)) }
            default: nil
            }
        guard let thing else { return nil }
        let id = try Microdata.idHash(of: object, versions.book)
        return Grant(id: id, thing: thing, persons: Set(object.references("person")).sorted().map(IDHash.init))
    }

    private func isCurrent(_ hash: ObjectHash, _ grant: Grant) -> Bool {
        guard let head = try? versions.head(of: grant.id), let object = try? versions.object(head) else { return false }
        return VersionNode(object: object)?.data == hash
    }
}
