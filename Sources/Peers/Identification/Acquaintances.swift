package import Objects

/// What the profiles of contacts say about people and their instances, to compare with what a peer claims.
package protocol Acquaintances: Sendable {
    /// The endpoints with this instance key, of whomever; empty: nobody is known to use it.
    func endpoints(ofInstanceKey key: [UInt8]) throws -> [KnownEndpoint]
    /// The keys a person was met with; empty: the person was never met.
    func personKeys(of person: IDHash) throws -> [KnownPersonKeys]
}

/// An endpoint in a contact's profile: one instance of one person (one-protocol 5.1).
package struct KnownEndpoint: Sendable, Hashable {
    package var personID: IDHash
    package var instanceID: IDHash
    /// X25519.
    package var instanceKey: [UInt8]
    /// Where to dial it; nil: it does not listen.
    package var url: String?

    package init(personID: IDHash, instanceID: IDHash, instanceKey: [UInt8], url: String?) {
        (self.personID, self.instanceID, self.instanceKey, self.url) = (personID, instanceID, instanceKey, url)
    }
}

/// A `Keys` object of a person that an endpoint in one of their profiles names.
package struct KnownPersonKeys: Sendable, Hashable {
    /// X25519.
    package var publicKey: [UInt8]
    /// Ed25519.
    package var publicSignKey: [UInt8]

    package init(publicKey: [UInt8], publicSignKey: [UInt8]) {
        (self.publicKey, self.publicSignKey) = (publicKey, publicSignKey)
    }
}
