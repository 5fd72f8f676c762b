package import Objects

/// Who is let in: the node's knowledge of the owner and of all registrations (design 5), as a connection asks it.
package protocol Membership: Sendable {
    /// The registration of this instance, to show to others.
    func ownProof() -> RegistrationProof
    /// Verifies a registration: owner, signature, not revoked, and that its instance key is the one that was proven.
    /// Throws `PeerError.refused` with the reason.
    func admit(_ proof: RegistrationProof, provenKey: [UInt8]) throws(PeerError) -> Member
}

/// An own peer whose registration was verified against the key its connection has proven.
package struct Member: Hashable, Sendable {
    /// The name of its instance, for people and for error messages.
    package var name: String
    package var registration: Registration

    package init(name: String, registration: Registration) { (self.name, self.registration) = (name, registration) }
}
