package import Objects

/// Who is at the other end of a connection, after identification (one-protocol 2.4, 2.5).
package struct ProvenPeer: Sendable, Hashable {
    package var personID: IDHash
    package var personEmail: String
    /// X25519; the other side has proven that it holds the secret half.
    package var personKey: [UInt8]
    /// Ed25519; only claimed.
    package var personSignKey: [UInt8]
    package var instanceID: IDHash
    package var instanceName: String
    /// X25519; proven by the session.
    package var instanceKey: [UInt8]

    package init(
        personID: IDHash,
        personEmail: String,
        personKey: [UInt8],
        personSignKey: [UInt8],
        instanceID: IDHash,
        instanceName: String,
        instanceKey: [UInt8]
    ) {
        (self.personID, self.personEmail) = (personID, personEmail)
        (self.personKey, self.personSignKey) = (personKey, personSignKey)
        (self.instanceID, self.instanceName, self.instanceKey) = (instanceID, instanceName, instanceKey)
    }
}
