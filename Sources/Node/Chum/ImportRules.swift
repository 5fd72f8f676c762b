import Objects

/// What one contact may bring here (one-protocol 4.5): nobody else writes what is the owner's, or another contact's.
struct ImportRules: Sendable {
    let owner: IDHash
    let peer: IDHash
    /// Whether the contact is another person the owner is, too (one-protocol 7.3).
    var isOwn: @Sendable () -> Bool = { false }
    /// The owner's key; nil: it is not here, and nobody can tell.
    var ownerSignKey: [UInt8]?
    /// Whether this shared channel is here, and the contact has no part in it.
    let isForeign: @Sendable (IDHash) -> Bool

    /// Things that only their own instance writes.
    private static let localTypes: Set<String> = [
        "Access", "IdAccess", "Group", "GroupProfile", "Leute", "Someone", "ChannelRegistry", "TopicAppRegistry",
        "IoMRequestsRegistry", "LocalInstancesList", "Recipe", "Chum", "IoMRegistration",
    ]
    /// Things of which a contact's versions count here.
    private static let versionTypes: Set<String> = ["ChannelInfo", "Profile", "Assertion"]
    /// The channel of the owner's files.
    private static let ownChannelIDs: Set<String> = [Author.filesChannelID]

    /// Why an object or ID object is not taken; nil: it is.
    func refusal(of object: OneObject, isID: Bool) -> String? {
        if Self.localTypes.contains(object.type) { return "a \(object.type) may not come from others" }
        // An ID object says nothing but what it is called.
        guard !isID else { return nil }
        switch object.type {
        case "Instance": return "an Instance may not come from others"
        case "Person": return isOwners(object) ? "it would change who the owner is" : nil
        case "Keys": return object.reference("owner") == owner.objectHash ? "it would give the owner other keys" : nil
        case "OneInstanceEndpoint":
            return object.reference("personId") == owner.objectHash ? "it would give the owner other devices" : nil
        case "Profile":
            let persons = [object.reference("personId"), object.reference("owner")]
            return persons.contains(owner.objectHash) ? "it would change the owner's profile" : nil
        case "ChannelInfo": return refusal(ofChannel: object.text("id"), owner: object.reference("owner"))
        case "Topic": return refusal(ofTopic: object)
        case "Signature": return isForged(object) ? "the owner has not signed it" : nil
        default: return nil
        }
    }

    /// Why a version of a thing does not count here, though its object may be kept; nil: it does.
    func refusal(ofVersion object: OneObject) -> String? {
        guard Self.versionTypes.contains(object.type) else {
            return "versions of a \(object.type.prefix(80)) may not come from others"
        }
        guard object.type != "Profile" || object.reference("owner") == peer.objectHash else {
            return "the profile is somebody else's"
        }
        return nil
    }

    private func isOwners(_ person: OneObject) -> Bool {
        (try? Microdata.idHash(of: person, .standard)) == owner
    }

    /// What the owner said may come back, but not what somebody else says the owner said.
    private func isForged(_ signature: OneObject) -> Bool {
        guard signature.reference("issuer") == owner.objectHash, let ownerSignKey else { return false }
        guard let data = signature.reference("data"),
            let bytes = signature.text("signature").flatMap({ Hex.bytes($0) })
        else { return true }
        return !SignKeyPair.verify(bytes, of: Array(data.hex.utf8), publicKey: ownerSignKey)
    }

    private func refusal(ofTopic topic: OneObject) -> String? {
        guard let id = topic.text("id"), let channel = topic.reference("channel") else { return "it is no topic" }
        let owners = [nil, peer]
        let fitting = owners.contains { (try? Channel(id: id, owner: $0).idHash(.standard))?.objectHash == channel }
        return fitting ? refusal(ofChannel: id, owner: nil) : "its channel is another topic's"
    }

    private func refusal(ofChannel id: String?, owner channelOwner: ObjectHash?) -> String? {
        guard let id else { return "it is no channel" }
        if let channelOwner {
            return channelOwner == peer.objectHash ? nil : "the channel is somebody else's to write"
        }
        if Self.ownChannelIDs.contains(id) { return "it would change the owner's files" }
        if let pair = Self.pair(id) {
            let isOurs = isOwn() ? !pair.isDisjoint(with: [owner, peer]) : pair == [owner, peer]
            return isOurs ? nil : "it is a conversation of others"
        }
        guard let channel = try? Channel(id: id, owner: nil).idHash(.standard) else { return "it is no channel" }
        return isForeign(channel)
            ? "the conversation is here and was not shared with them: `iom share` does that" : nil
    }

    /// The two persons whose conversation this is, if it is one of two (one-protocol 5.2).
    static func pair(_ id: String) -> Set<IDHash>? {
        let parts = id.split(separator: "<->", omittingEmptySubsequences: false)
        guard parts.count == 2, let first = IDHash(hex: parts[0]), let second = IDHash(hex: parts[1]) else {
            return nil
        }
        return [first, second]
    }
}
