import Objects
import Synchronization

@testable import Catalog

/// Makes objects as ONE.CORE does, keeps them, and tells a catalog of them.
final class World: LocalObjects {
    struct Person {
        var id: IDHash
        var keys: SignKeyPair
    }

    private let bytes = Mutex<[ObjectHash: [UInt8]]>([:])
    private(set) nonisolated(unsafe) var changes: [Change] = []  // tests use a world from one task
    private nonisolated(unsafe) var lists: [IDHash: ObjectHash] = [:]
    private nonisolated(unsafe) var nodes: [IDHash: ObjectHash] = [:]
    private let random = SeededRandom(seed: 42)
    let me: Person
    let book = RecipeBook.standard

    init() throws {
        let keys = SignKeyPair(random: random)
        let id = try EncodedObject(OneObject("Person", [("email", .string("me@world.test"))]), .standard).idHash
        guard let id else { throw ObjectError.unknown }
        me = Person(id: id, keys: keys)
    }

    /// Everything that was made, in no order.
    var known: [ObjectHash] { bytes.withLock { Array($0.keys) } }

    /// The current version of everything that has versions.
    var heads: [IDHash: ObjectHash] { nodes }

    func localBytes(of hash: ObjectHash) throws(ObjectError) -> [UInt8]? { bytes.withLock { $0[hash] } }
    func localByteCount(of hash: ObjectHash) throws(ObjectError) -> Int? { try localBytes(of: hash)?.count }

    func catalog() throws -> Catalog {
        try Catalog(path: nil, objects: self, owner: me.id, rootKeys: [me.keys.publicKey], book: book)
    }

    /// Records what was made since the last time.
    func commit(to catalog: Catalog) throws {
        try catalog.record(changes)
        changes = []
    }

    // MARK: Objects

    @discardableResult
    func put(bytes: [UInt8]) -> ObjectHash {
        let known = KnownObject(hash: ObjectHash(of: bytes), bytes: bytes)
        self.bytes.withLock { $0[known.hash] = bytes }
        changes.append(.object(known, held: true))
        return known.hash
    }

    @discardableResult
    func put(_ type: String, _ properties: [(String, Value?)]) throws -> ObjectHash {
        let encoded = try EncodedObject(OneObject(type, properties), book)
        if let id = encoded.idBytes { put(bytes: id) }
        return put(bytes: encoded.bytes)
    }

    /// A new version and head.
    @discardableResult
    func version(_ type: String, _ properties: [(String, Value?)], time: Double = 1000) throws -> IDHash {
        let encoded = try EncodedObject(OneObject(type, properties), book)
        let data = try put(type, properties)
        guard let id = encoded.idHash else { throw ObjectError.unknown }
        let node = VersionNode(
            link: nodes[id].map { .change(previous: $0) } ?? .edge,
            data: data,
            depth: 0,
            creationTime: time
        ).object
        let hash = put(bytes: try EncodedObject(node, book).bytes)
        nodes[id] = hash
        changes.append(.head(id, node: hash))
        return id
    }

    // MARK: People

    func person(_ name: String, email: String) throws -> Person {
        let id = try EncodedObject(OneObject("Person", [("email", .string(email))]), book)
        guard let hash = id.idHash, let idBytes = id.idBytes else { throw ObjectError.unknown }
        put(bytes: idBytes)
        let person = Person(id: hash, keys: SignKeyPair(random: random))
        try self.name(person, name)
        return person
    }

    /// A new version of the person's profile, whose keys I trust; and the person among my contacts.
    func name(_ person: Person, _ name: String, trusted: Bool = true, time: Double = 1000) throws {
        let nameObject = try put("PersonName", [("name", .string(name))])
        let key = try put("SignKey", [("key", .string(Hex.text(person.keys.publicKey)))])
        let properties: [(String, Value?)] = [
            ("profileId", .string("default")), ("personId", .reference(person.id.objectHash)),
            ("owner", .reference(person.id.objectHash)), ("communicationEndpoint", .list([])),
            ("personDescription", .list([.reference(nameObject), .reference(key)])),
        ]
        let profile = try version("Profile", properties, time: time)
        let someone = try version(
            "Someone",
            [
                ("someoneId", .string("s-" + person.id.hex)), ("mainProfile", .reference(profile.objectHash)),
                (
                    "identities",
                    .map([.init(.reference(person.id.objectHash), .list([.reference(profile.objectHash)]))])
                ),
            ]
        )
        if !contacts.contains(someone) { contacts.append(someone) }
        try version(
            "Leute",
            [
                ("appId", .string("one.leute")), ("me", .reference(me.id.objectHash)),
                ("other", .list(contacts.map { .reference($0.objectHash) })), ("group", .list([])),
            ]
        )
        if trusted { try trust(EncodedObject(OneObject("Profile", properties), book).hash) }
    }

    private nonisolated(unsafe) var contacts: [IDHash] = []

    private func trust(_ profile: ObjectHash) throws {
        let license = put(bytes: try EncodedObject(License.affirmation, book).bytes)
        let right = try put(
            "RightToDeclareTrustedKeysForEverybodyCertificate",
            [("beneficiary", .reference(me.id.objectHash)), ("license", .reference(license))]
        )
        try sign(right, by: me)
        let certificate = try put(
            "TrustKeysCertificate",
            [("profile", .reference(profile)), ("license", .reference(license))]
        )
        try sign(certificate, by: me)
    }

    @discardableResult
    private func sign(_ hash: ObjectHash, by person: Person) throws -> ObjectHash {
        let signature = Hex.text(person.keys.sign(Array(hash.hex.utf8)))
        return try put(
            "Signature",
            [
                ("issuer", .reference(person.id.objectHash)), ("data", .reference(hash)),
                ("signature", .string(signature)),
            ]
        )
    }

    // MARK: Conversations

    @discardableResult
    func topic(_ id: String, name: String? = nil) throws -> ObjectHash {
        let channel = try version("ChannelInfo", [("id", .string(id)), ("head", nil)])
        return try put(
            "Topic",
            [("name", name.map { .string($0) }), ("id", .string(id)), ("channel", .reference(channel.objectHash))]
        )
    }

    func blob(_ bytes: [UInt8], name: String, type: String = "", modified: Double = 5000) throws -> ObjectHash {
        let data = put(bytes: bytes)
        return try put(
            "BlobDescriptor",
            [
                ("data", .reference(data)), ("lastModified", .number(modified)), ("name", .string(name)),
                ("size", .number(Double(bytes.count))), ("type", .string(type)),
            ]
        )
    }

    /// Posts a message at the end of the channel without an owner.
    func say(
        _ topic: String,
        _ text: String,
        at time: Double,
        by person: Person? = nil,
        attachments: [ObjectHash] = [],
        signer: Person? = nil
    ) throws {
        let author = person ?? me
        let message = try put(
            "ChatMessage",
            [
                ("text", .string(text)),
                ("attachments", attachments.isEmpty ? nil : .list(attachments.map { .reference($0) })),
                ("sender", .reference(author.id.objectHash)),
            ]
        )
        try post(message, topic, at: time, by: signer ?? author)
    }

    func post(
        _ data: ObjectHash,
        _ channel: String,
        at time: Double,
        by person: Person,
        owner: IDHash? = nil,
        metadata: [ObjectHash] = []
    ) throws {
        let creation = try put("CreationTime", [("timestamp", .number(time)), ("data", .reference(data))])
        let affirmation = try Affirmation(of: creation, by: person.id, key: person.keys, book)
        put(bytes: affirmation.license.bytes)
        put(bytes: affirmation.certificate.bytes)
        let signature = put(bytes: affirmation.signature.bytes)
        let info = OneObject(
            "ChannelInfo",
            [("id", .string(channel)), ("owner", owner.map { .reference($0.objectHash) }), ("head", nil)]
        )
        guard let id = try EncodedObject(info, book).idHash else { throw ObjectError.unknown }
        let entry = try put(
            "LinkedListEntry",
            [
                ("data", .reference(creation)),
                ("metadata", .list(([signature] + metadata).map { .reference($0) })),
                ("previous", lists[id].map { .reference($0) }),
            ]
        )
        lists[id] = entry
        try version(
            "ChannelInfo",
            [
                ("id", .string(channel)), ("owner", owner.map { .reference($0.objectHash) }),
                ("head", .reference(entry)),
            ]
        )
    }

    /// The newest entry of the channel without an owner.
    func list(_ topic: String) throws -> ObjectHash? {
        let info = OneObject("ChannelInfo", [("id", .string(topic)), ("head", nil)])
        return try EncodedObject(info, book).idHash.flatMap { lists[$0] }
    }

    // MARK: Files

    func file(_ bytes: [UInt8]) throws -> ObjectHash {
        try put("PersistentFileSystemFile", [("content", .reference(put(bytes: bytes)))])
    }

    func folder(_ children: [(String, ObjectHash)]) throws -> ObjectHash {
        let items = children.map { path, content in
            Value.object(
                Properties([("path", .string(path)), ("mode", .number(0o100644)), ("content", .reference(content))])
            )
        }
        return try put("PersistentFileSystemDirectory", [("children", .list(items))])
    }

    func postRoot(_ folder: ObjectHash, at time: Double, descriptors: [ObjectHash] = []) throws {
        let entry = Value.object(Properties([("mode", .number(0o40777)), ("entry", .reference(folder))]))
        let root = try put("PersistentFileSystemRoot", [("root", entry)])
        try post(root, "mainFileSystemChannelId", at: time, by: me, owner: me.id, metadata: descriptors)
    }
}

/// Milliseconds of 2026-11-22T14:03:22Z, plus some.
func noon(_ seconds: Double = 0) -> Double { 1_795_356_202_000 + seconds * 1000 }
