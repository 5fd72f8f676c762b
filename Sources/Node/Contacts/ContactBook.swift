import Catalog
package import Objects
package import Peers
import Synchronization

/// What the profiles of the contacts say about their keys and instances (one-protocol 2.4, 5.1).
///
/// A profile counts if the person itself or the owner wrote it. What it says of somebody else is left out.
package final class ContactBook: Acquaintances {
    private let versions: StoredVersions
    private let catalog: Catalog
    private let owner: IDHash?
    private let cache = Mutex<(change: Int64, pages: Pages)?>(nil)

    /// Everything that is looked up.
    private struct Pages {
        var endpoints: [KnownEndpoint] = []
        var keys: [IDHash: [KnownPersonKeys]] = [:]
        /// Persons whose profiles are not all here: nothing can be compared with what they say.
        var unreadable: Set<IDHash> = []
    }

    /// More endpoints than a person has instances.
    private static let endpointsMax = 64

    init(versions: StoredVersions, catalog: Catalog, owner: IDHash?) {
        (self.versions, self.catalog, self.owner) = (versions, catalog, owner)
    }

    package func endpoints(ofInstanceKey key: [UInt8]) throws -> [KnownEndpoint] {
        try pages().endpoints.filter { $0.instanceKey == key }
    }

    package func personKeys(of person: IDHash) throws -> [KnownPersonKeys] {
        let pages = try pages()
        guard !pages.unreadable.contains(person) else { throw ObjectError.unreachable }
        return pages.keys[person] ?? []
    }

    /// The endpoints of all contacts, each once, in order of their persons.
    package func endpoints() throws -> [KnownEndpoint] { try pages().endpoints }

    private func pages() throws -> Pages {
        let change = try catalog.lastChange()
        if let cached = cache.withLock({ $0?.change == change ? $0?.pages : nil }) { return cached }
        let pages = try readPages()
        cache.withLock { $0 = (change, pages) }
        return pages
    }

    private func readPages() throws -> Pages {
        var pages = Pages()
        for (person, profiles) in try people().sorted(by: { $0.key < $1.key }) {
            do {
                for profile in profiles.sorted() { try read(profile, of: person, into: &pages) }
            } catch {
                pages.unreadable.insert(person)
            }
        }
        return pages
    }

    /// All persons of the address book with the profiles that may be read about them.
    private func people() throws -> [IDHash: Set<IDHash>] {
        let leuteID = try Microdata.idHash(of: OneObject("Leute", [("appId", .string(Author.leuteID))]), versions.book)
        guard let leute = try versions.current(leuteID) else { return [:] }
        var people: [IDHash: Set<IDHash>] = [:]
        for someone in (leute.references("other") + [leute.reference("me")].compactMap(\.self)).map(IDHash.init) {
            guard let object = try versions.current(someone) else { continue }
            for identity in object.entries("identities") {
                guard let person = identity.key.reference.map(IDHash.init), case .list(let profiles) = identity.value
                else { continue }
                people[person, default: []].formUnion(profiles.compactMap { $0.reference.map(IDHash.init) })
                for author in [person, owner].compactMap(\.self) {
                    people[person]?.insert(try Self.defaultProfile(of: person, by: author, versions.book))
                }
            }
        }
        return people
    }

    static func defaultProfile(of person: IDHash, by author: IDHash, _ book: RecipeBook) throws -> IDHash {
        let profile = OneObject(
            "Profile",
            [
                ("profileId", .string(Author.defaultProfileID)), ("personId", .reference(person.objectHash)),
                ("owner", .reference(author.objectHash)),
            ]
        )
        return try Microdata.idHash(of: profile, book)
    }

    private func read(_ profileID: IDHash, of person: IDHash, into pages: inout Pages) throws {
        guard let profile = try versions.current(profileID), profile.reference("personId") == person.objectHash,
            let author = profile.reference("owner").map(IDHash.init), author == person || author == owner
        else { return }
        for hash in profile.references("communicationEndpoint").prefix(Self.endpointsMax) {
            let endpoint = try versions.object(hash)
            guard endpoint.type == "OneInstanceEndpoint", endpoint.reference("personId") == person.objectHash,
                let instance = endpoint.reference("instanceId"),
                let instanceKeys = try keys(endpoint.reference("instanceKeys"), of: instance),
                let personKeys = try keys(endpoint.reference("personKeys"), of: person.objectHash)
            else { continue }
            let known = KnownEndpoint(
                personID: person,
                instanceID: IDHash(instance),
                instanceKey: instanceKeys.publicKey,
                url: endpoint.text("url")
            )
            if !pages.endpoints.contains(known) { pages.endpoints.append(known) }
            if pages.keys[person]?.contains(personKeys) != true { pages.keys[person, default: []].append(personKeys) }
        }
    }

    private func keys(_ hash: ObjectHash?, of owner: ObjectHash) throws -> KnownPersonKeys? {
        guard let object = try hash.map(versions.object), object.type == "Keys", object.reference("owner") == owner,
            let publicKey = object.text("publicKey").flatMap({ Hex.bytes($0) }), publicKey.count == 32,
            let publicSignKey = object.text("publicSignKey").flatMap({ Hex.bytes($0) }), publicSignKey.count == 32
        else { return nil }
        return KnownPersonKeys(publicKey: publicKey, publicSignKey: publicSignKey)
    }
}
