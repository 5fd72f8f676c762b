internal import GRDB
internal import Objects

extension Indexer {
    /// Types that mean something by themselves; all others are read when something refers to them.
    static let indexedTypes: Set<String> = ["Topic", "ChannelInfo", "Signature", "Keys", "Profile"]

    /// Takes in an object whose bytes have come.
    mutating func arrive(_ object: KnownObject) throws {
        try resume(object.hash, isHeld: true)
        switch (object.kind, object.type) {
        case (.one, let type?) where Self.indexedTypes.contains(type): try look(at: object.hash)
        case (.id, "Person"): try lookAtPerson(IDHash(object.hash))
        default: break
        }
    }

    /// Reads an object of one of the indexed types; doing it again changes nothing.
    mutating func look(at hash: ObjectHash) throws {
        guard case .object(let object) = load(hash) else { return }
        switch object.type {
        case "Topic": try index(topic: object, hash)
        case "ChannelInfo": try index(channel: object)
        case "Signature": try index(signature: object, hash)
        case "Keys": try index(keys: object)
        case "Profile": try index(profileVersion: object, hash)
        default: break
        }
    }

    /// Reads what a head leads to.
    mutating func lookAtHead(_ id: IDHash) throws {
        guard let node = try database.row("SELECT node FROM head WHERE id = ?", id)?.hash(0) else { return }
        let version: VersionNode
        switch load(node) {
        case .missing: return try wait(for: node, .head, id.objectHash.bytes)
        case .unreadable: return
        case .object(let object):
            guard let read = VersionNode(object: object) else { return }
            version = read
        }
        try noteCurrent(version, node)
        let time = version.creationTime.isFinite ? version.creationTime : nil
        try database.run("UPDATE head SET data = ?, time = ? WHERE id = ?", version.data, time, id)
        switch load(version.data) {
        case .missing: try wait(for: version.data, .head, id.objectHash.bytes)
        case .unreadable: break
        case .object(let object): try index(current: object, id, time: time)
        }
    }

    private mutating func index(current object: OneObject, _ id: IDHash, time: Double?) throws {
        switch object.type {
        case "Profile": try index(profile: object, id, time: time)
        case "Someone": try index(someone: object, id)
        case "Leute": try index(leute: object)
        case "IdAccess": try index(access: object, id)
        case "TopicAppRegistry": try index(topicRegistry: object, id)
        default: break
        }
    }
}
