package import Objects

/// Whom this side of a connection acts for, and with which instance (one-protocol 2.4, 2.5).
package struct OwnPerson: Sendable {
    package let email: String
    /// The person's keys, not the instance's.
    package let box: BoxKeyPair
    /// The person's Ed25519 public key.
    package let signKey: [UInt8]
    /// The instance, which belongs to this person.
    package let instanceName: String
    package let personID: IDHash
    package let instanceID: IDHash

    package init(email: String, box: BoxKeyPair, signKey: [UInt8], instanceName: String) throws(PeerError) {
        (self.email, self.box, self.signKey, self.instanceName) = (email, box, signKey, instanceName)
        personID = try IdentityHashes.person(email: email)
        instanceID = try IdentityHashes.instance(name: instanceName, owner: personID)
    }
}

/// ID hashes computed of what a side says about itself.
enum IdentityHashes {
    /// Longer emails and names are refused.
    static let nameByteCountMax = 1_024

    static func person(email: String) throws(PeerError) -> IDHash {
        guard email.utf8.elementsEqual(email.printable(byteCountMax: nameByteCountMax).utf8) else { throw unusable }
        return try idHash(OneObject("Person", [("email", .string(try checked(email)))]))
    }

    static func instance(name: String, owner: IDHash) throws(PeerError) -> IDHash {
        try idHash(
            OneObject("Instance", [("name", .string(try checked(name))), ("owner", .reference(owner.objectHash))])
        )
    }

    private static func checked(_ name: String) throws(PeerError) -> String {
        // Devices are called what people call them: emoji are made of characters that do not show by themselves.
        guard !name.isEmpty, name.utf8.count <= nameByteCountMax, !name.utf8.contains(0x09),
            VisibleText.line(name).utf8.elementsEqual(name.utf8)
        else { throw unusable }
        return name
    }

    private static let unusable = PeerError.violated("an email or a name is empty, too long, or cannot be shown")

    private static func idHash(_ object: OneObject) throws(PeerError) -> IDHash {
        do throws(MicrodataError) {
            return try Microdata.idHash(of: object, .standard)
        } catch {
            throw .violated("an email or a name cannot be used")
        }
    }
}
