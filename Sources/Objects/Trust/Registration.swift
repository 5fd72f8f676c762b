/// That an instance belongs to an owner, with its keys (design 5).
///
/// Versioned by the instance.
package struct Registration: Hashable, Sendable {
    package var instanceID: IDHash
    package var ownerID: IDHash
    package var deviceType: String
    package var storageRole: String
    package var capabilities: [String]
    /// X25519, 32 bytes.
    package var publicKey: [UInt8]
    /// Ed25519, 32 bytes.
    package var publicSignKey: [UInt8]
    /// Where it can be reached.
    package var endpoint: String?
    /// Milliseconds since 1970.
    package var validFrom: Double
    /// Milliseconds since 1970; nil: not revoked.
    package var revokedAt: Double?

    package init(
        instanceID: IDHash,
        ownerID: IDHash,
        deviceType: String,
        storageRole: String,
        capabilities: [String] = [],
        publicKey: [UInt8],
        publicSignKey: [UInt8],
        endpoint: String? = nil,
        validFrom: Double,
        revokedAt: Double? = nil
    ) {
        (self.instanceID, self.ownerID) = (instanceID, ownerID)
        (self.deviceType, self.storageRole, self.capabilities) = (deviceType, storageRole, capabilities)
        (self.publicKey, self.publicSignKey, self.endpoint) = (publicKey, publicSignKey, endpoint)
        (self.validFrom, self.revokedAt) = (validFrom, revokedAt)
    }

    package var isRevoked: Bool { revokedAt != nil }
}

extension Registration {
    /// The name of the recipe.
    package static let type = "IoMRegistration"

    package init(object: OneObject) throws(MicrodataError) {
        guard object.type == Self.type else { throw .invalid("\(object.type) is not \(Self.type)") }
        guard case .reference(let instance) = object["instanceId"], case .reference(let owner) = object["ownerId"]
        else {
            throw .invalid("a registration without instance or owner")
        }
        guard case .string(let deviceType) = object["deviceType"], case .string(let role) = object["storageRole"],
            case .list(let items) = object["capabilities"], case .number(let validFrom) = object["validFrom"]
        else { throw .invalid("a registration without all it needs") }
        self.init(
            instanceID: IDHash(instance),
            ownerID: IDHash(owner),
            deviceType: deviceType,
            storageRole: role,
            publicKey: try Self.key("publicKey", object),
            publicSignKey: try Self.key("publicSignKey", object),
            validFrom: validFrom
        )
        for item in items {
            guard case .string(let capability) = item else { throw .invalid("a capability is not a string") }
            capabilities.append(capability)
        }
        if case .string(let text) = object["endpoint"] { endpoint = text }
        if case .number(let time) = object["revokedAt"] { revokedAt = time }
    }

    private static func key(_ name: String, _ object: OneObject) throws(MicrodataError) -> [UInt8] {
        guard case .string(let text) = object[name], let key = Hex.bytes(text),
            key.count == BoxKeyPair.keyByteCount
        else { throw .invalid("\(name) is not a key") }
        return key
    }

    package var object: OneObject {
        OneObject(
            Self.type,
            [
                ("instanceId", .reference(instanceID.objectHash)), ("ownerId", .reference(ownerID.objectHash)),
                ("deviceType", .string(deviceType)), ("storageRole", .string(storageRole)),
                ("capabilities", .list(capabilities.map { .string($0) })),
                ("publicKey", .string(Hex.text(publicKey))), ("publicSignKey", .string(Hex.text(publicSignKey))),
                ("endpoint", endpoint.map { .string($0) }), ("validFrom", .number(validFrom)),
                ("revokedAt", revokedAt.map { .number($0) }),
            ]
        )
    }
}
