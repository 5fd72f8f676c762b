import Objects
package import Storage
package import SystemPackage

/// Makes an instance out of what a ONE.CORE instance has: with its secret the owner stays the owner.
package struct Adopting: Sendable {
    private let base: FilePath
    private let root: FilePath
    /// Which instance of the directory; nil where there is one.
    private let instance: String?
    /// Opens the keys of the source.
    private let secret: String?
    /// Seals them here.
    private let newSecret: String
    private let usesLinks: Bool

    package init(
        base: FilePath,
        root: FilePath,
        instance: String?,
        secret: String?,
        newSecret: String,
        usesLinks: Bool
    ) {
        (self.base, self.root, self.instance) = (base, root, instance)
        (self.secret, self.newSecret, self.usesLinks) = (secret, newSecret, usesLinks)
    }

    /// Interrupted, it can be run again: the root becomes an instance at the very end.
    package func run(_ surroundings: Node.Surroundings, progress: (Int, Int) -> Void) async throws -> AdoptionReport {
        let source: AdoptionSource
        do throws(AdoptionSource.Failure) {
            source = try AdoptionSource.choose(in: base, instance)
        } catch {
            throw CommandError("\(error)")
        }
        // A wrong secret is told before anything is made.
        if let secret { _ = try source.keychain(secret: secret) }
        let workshop = try Workshop(root: root, surroundings: surroundings)
        let adoption = Adoption(source, into: workshop.store, usesLinks: usesLinks)
        var keysObjects: [ObjectHash] = []
        let report = try await adoption.run(progress: progress) { stored in
            keysObjects += stored.filter { $0.type == "Keys" && $0.kind == .one }.map(\.hash)
        }
        try settle(source, adoption, keysObjects, workshop)
        return report
    }

    private func settle(
        _ source: AdoptionSource,
        _ adoption: Adoption,
        _ keysObjects: [ObjectHash],
        _ workshop: Workshop
    ) throws {
        let versions = workshop.author.versions
        let idObject = try versions.idObject(source.instanceID)
        guard case .reference(let owner)? = idObject["owner"], case .string(let name)? = idObject["name"] else {
            throw CommandError("the object of the instance, \(source.instanceID), is damaged in \(base)")
        }
        var own: [ObjectHash] = keysObjects
        var keychain: Keychain?
        if let secret {
            let made = try Keychain.create(in: workshop.root, secret: newSecret, random: workshop.random)
            own = try adoption.adoptKeys(secret: secret, into: made)
            keychain = made
        }
        func keys(of owner: ObjectHash) throws -> ObjectHash {
            let theirs = try own.filter { try versions.object($0)["owner"] == .reference(owner) }
            guard let keys = source.defaultKeys(of: owner, among: theirs) else {
                throw CommandError("\(base) has no keys of \(owner): its instance cannot be taken over")
            }
            return keys
        }
        let birth = Birth(
            instanceID: source.instanceID,
            instanceKeys: try keys(of: source.instanceID.objectHash),
            ownerKeys: try keys(of: owner)
        )
        if let keychain { try register(birth, IDHash(owner), keychain, workshop) }
        try workshop.finish(
            birth: birth,
            configuration: Configuration.template(name: name, role: .archive, deviceType: "server")
        )
    }

    /// The adopted instance is a custodian: it registers itself.
    private func register(_ birth: Birth, _ owner: IDHash, _ keychain: Keychain, _ workshop: Workshop) throws {
        guard let ownerKeys = try keychain.keyring(of: birth.ownerKeys),
            let keys = try keychain.keyring(of: birth.instanceKeys)
        else { return }
        let registration = Registration(
            instanceID: birth.instanceID,
            ownerID: owner,
            deviceType: "server",
            storageRole: Role.archive.rawValue,
            capabilities: Node.capabilities + [Node.custodianCapability],
            publicKey: keys.box.publicKey,
            publicSignKey: keys.sign.publicKey,
            validFrom: workshop.author.time.now.milliseconds.rounded(.down)
        )
        try workshop.author.register(registration, owner: owner, ownerKeys: ownerKeys)
    }
}
