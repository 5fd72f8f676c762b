import Catalog
import Objects
import Peers

extension Node {
    /// Has the owner's secret key and signs with it.
    package static let custodianCapability = "custodian"
    /// What every instance of this version can do.
    package static let capabilities = ["object-request", "range-request", "feed", "have", "status"]

    /// Takes note of a registration, durably; a revocation ends the sessions of its instance at once.
    func learn(_ proof: RegistrationProof, from peer: String?) throws {
        guard let roll else { return }
        let registration: Registration
        do throws(MembershipError) {
            guard let news = try roll.learn(proof) else { return }
            registration = news
        } catch {
            // Somebody else's registration is no reason to give up the rest of what a peer says.
            events.record(
                .syncFailed,
                source: peer,
                details: "a registration that is not the owner's: \(error)",
                failed: true
            )
            return
        }
        if registration.isRevoked {
            links.disconnect(registration.instanceID, reason: Roll.Refusal.revoked.rawValue)
            events.record(.revoked, source: peer, target: registration.instanceID.hex)
            // Its word counts no more, and it cannot be fetched from.
            try catalog.forgetHolder(roll.name(of: registration))
            holderNews.tell()
        }
        try author.store(proof, of: registration)
        // Who follows was perhaps told of the objects of it before it counted, and looks at the proofs when woken.
        catalog.pulseFeed()
    }

    /// The member of this name, or whose id begins so.
    func member(named name: String) throws -> Member {
        let members = roll?.members ?? []
        let found = members.filter { $0.name == name || $0.registration.instanceID.hex.hasPrefix(name) }
        if found.count == 1 { return found[0] }
        if found.count > 1 { throw CommandError("`\(name)` can mean several devices: give more of its id") }
        let nearest = Spelling.nearest(to: name, among: members.map(\.name)).map { "; did you mean `\($0)`?" }
        throw CommandError("there is no device `\(name)`" + (nearest ?? ": `iom peers` lists them"))
    }
}

extension StoredVersions {
    /// The name in an instance's ID object; nil if it is not here.
    func instanceName(_ id: IDHash) -> String? {
        guard case .string(let name)? = try? idObject(id)["name"] else { return nil }
        return name
    }
}
