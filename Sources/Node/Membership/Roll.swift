import Catalog
package import Objects
package import Peers
import Synchronization

/// Every registration of the owner's instances this one has heard of, verified (design 5).
///
/// What was revoked once stays revoked, whatever is shown later: an old registration cannot bring a device back.
package final class Roll: Membership {
    /// More devices than a person has.
    private static let membersMax = 1_000

    private let identity: Identity
    private let versions: StoredVersions
    private let state = Mutex(State())

    private struct State {
        var current: [IDHash: (registration: Registration, proof: RegistrationProof)] = [:]
        /// Goes up with every change.
        var age = 0
    }

    /// Knows what the catalog knows.
    init(identity: Identity, catalog: Catalog, versions: StoredVersions) throws {
        (self.identity, self.versions) = (identity, versions)
        for proof in try catalog.registrations() { _ = try? learn(proof) }
    }

    /// Takes note of a registration.
    ///
    /// Returns it if it changes what counts; throws if it is not the owner's.
    package func learn(_ proof: RegistrationProof) throws(MembershipError) -> Registration? {
        let registration = try verified(proof)
        return state.withLock { state in
            if let known = state.current[registration.instanceID]?.registration {
                guard registration.supersedes(known) else { return nil }
            } else if state.current.count >= Self.membersMax {
                return nil
            }
            state.current[registration.instanceID] = (registration, proof)
            state.age += 1
            return registration
        }
    }

    private func verified(_ proof: RegistrationProof) throws(MembershipError) -> Registration {
        try proof.verified(owner: identity.ownerID, ownerSignKey: identity.ownerSignKey, versions.book)
    }

    /// Proofs of all that count, revocations first: they must not wait behind anything.
    package var proofs: (age: Int, proofs: [RegistrationProof]) {
        state.withLock { state in
            let sorted = state.current.values.sorted { left, right in
                if left.registration.isRevoked != right.registration.isRevoked { return left.registration.isRevoked }
                return left.registration.validFrom < right.registration.validFrom
            }
            return (state.age, sorted.map(\.proof))
        }
    }

    /// Everybody, in order of name; the revoked too.
    package var members: [Member] {
        let registrations = state.withLock { $0.current.values.map(\.registration) }
        return registrations.map(member).sorted { $0.name < $1.name }
    }

    private func member(_ registration: Registration) -> Member {
        Member(name: name(of: registration), registration: registration)
    }

    func name(of registration: Registration) -> String {
        versions.instanceName(registration.instanceID) ?? String(registration.instanceID.hex.prefix(8))
    }

    // MARK: Membership

    package func ownProof() -> RegistrationProof {
        state.withLock { $0.current[identity.instanceID]?.proof }
            ?? RegistrationProof(registration: [], certificate: [], signature: [], license: [])
    }

    package func admit(_ proof: RegistrationProof, provenKey: [UInt8]) throws(PeerError) -> Member {
        let registration: Registration
        do throws(MembershipError) {
            registration = try verified(proof)
        } catch {
            throw .refused("\(Refusal.foreign.rawValue): \(error)")
        }
        guard registration.publicKey == provenKey else { throw .refused(Refusal.otherKey.rawValue) }
        let known = state.withLock { $0.current[registration.instanceID]?.registration }
        guard !registration.isRevoked, known?.isRevoked != true else { throw .refused(Refusal.revoked.rawValue) }
        return member(registration)
    }
}

extension Roll {
    /// Why an instance is not let in, in the words it is told.
    enum Refusal: String, CaseIterable {
        case revoked
        case foreign = "not a registration of this owner"
        case otherKey = "the registration is of another instance key"

        /// nil if the other side has not refused, but something else went wrong.
        init?(saidIn error: PeerError) {
            let said: String
            switch error {
            case .closed(let reason), .refused(let reason): said = reason
            default: return nil
            }
            guard let refusal = Self.allCases.first(where: { said.hasPrefix($0.rawValue) }) else { return nil }
            self = refusal
        }
    }

    /// Whether an instance was shut out.
    func isRevoked(_ instance: IDHash) -> Bool {
        state.withLock { $0.current[instance]?.registration.isRevoked ?? false }
    }
}
