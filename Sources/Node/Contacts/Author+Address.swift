import Logging
import Objects
import Peers

extension Author {
    /// Says in the owner's own profile where an instance is dialled (one-protocol 5.1): contacts learn of it by that.
    ///
    /// Writes nothing if the profile says so already.
    func publish(_ url: String, of birth: Birth, owner: IDHash, into draft: inout Draft) throws {
        let profileID = try ContactBook.defaultProfile(of: owner, by: owner, book)
        guard var profile = try draft.version(of: profileID) else { return }
        let endpoint = try EncodedObject(
            OneObject(
                "OneInstanceEndpoint",
                [
                    ("personId", .reference(owner.objectHash)), ("instanceId", .reference(birth.instanceID.objectHash)),
                    ("personKeys", .reference(birth.ownerKeys)), ("instanceKeys", .reference(birth.instanceKeys)),
                    ("url", .string(url)),
                ]
            ),
            book
        )
        let known = profile.references("communicationEndpoint")
        guard !known.contains(endpoint.hash) else { return }
        let others = try known.filter { hash in
            try draft.object(hash).reference("instanceId") != birth.instanceID.objectHash
        }
        draft.add(endpoint)
        profile["communicationEndpoint"] = .list((others + [endpoint.hash]).map(Value.reference))
        try draft.change(profile, at: time.now)
    }
}

extension Node {
    /// Tells the contacts where this instance is dialled, if there are any and it can be reached from elsewhere.
    func publishAddress() {
        guard let identity, identity.isCustodian, let address = publicAddress else { return }
        do {
            guard try contactBook.endpoints().contains(where: { $0.personID != identity.ownerID }),
                let birth = try Birth.read(in: root)
            else { return }
            try author.commit { try author.publish(address, of: birth, owner: identity.ownerID, into: &$0) }
        } catch {
            logger.warning("contacts do not learn where this device is", metadata: LogReason.metadata(error))
        }
    }

    /// The configured address, or where it listens; nil if that is for this machine alone.
    private var publicAddress: String? {
        if let configured = configuration.instance.endpoint { return configured }
        guard let endpoint, let host = Endpoint(url: endpoint)?.host, host != "localhost", host != "::1",
            !host.hasPrefix("127.")
        else { return nil }
        return endpoint
    }
}
