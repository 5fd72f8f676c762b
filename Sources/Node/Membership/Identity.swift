package import Objects
package import Storage

/// Who this instance is: its ID, its keys, and the owner's public key it was told at its birth.
///
/// An instance that also has the owner's secret keys is a *custodian* (design 5).
package struct Identity: Sendable {
    package let instanceID: IDHash
    package let name: String
    package let ownerID: IDHash
    package let instanceKeys: Keyring
    /// The owner's secret keys, on a custodian.
    package let ownerKeys: Keyring?
    /// The owner's public sign key: what every registration must be signed with.
    package let ownerSignKey: [UInt8]
    /// Where further keys are kept; nil: nowhere.
    let keychain: Keychain?

    package var isCustodian: Bool { ownerKeys != nil }

    package init(
        instanceID: IDHash,
        name: String,
        ownerID: IDHash,
        instanceKeys: Keyring,
        ownerKeys: Keyring?,
        ownerSignKey: [UInt8],
        keychain: Keychain? = nil
    ) {
        (self.instanceID, self.name, self.ownerID) = (instanceID, name, ownerID)
        (self.instanceKeys, self.ownerKeys, self.ownerSignKey) = (instanceKeys, ownerKeys, ownerSignKey)
        self.keychain = keychain
    }
}
