import Objects
import Synchronization

@testable import Peers

/// An invented person with one instance, and whom this person knows.
final class TestPerson: Acquaintances, PairingHandler {
    let own: OwnPerson
    let instanceBox: BoxKeyPair
    private let signKey: SignKeyPair
    private let instanceSignKey: SignKeyPair
    /// Somebody has come who would pair.
    let isAsked = OneShot<Void>()
    private let state = Mutex(State())

    private struct State {
        var endpoints: [KnownEndpoint] = []
        var keys: [IDHash: [KnownPersonKeys]] = [:]
        var tokens: Set<String> = []
        var met: [PairedPeer] = []
        var failures: [PeerError] = []
    }

    init(_ email: String, instance: String = "node", seed: UInt64) throws {
        let random = SeededRandom(seed: seed)
        (signKey, instanceSignKey) = (SignKeyPair(random: random), SignKeyPair(random: random))
        instanceBox = BoxKeyPair(random: random)
        own = try OwnPerson(
            email: email,
            box: BoxKeyPair(random: random),
            signKey: signKey.publicKey,
            instanceName: instance
        )
    }

    var peering: Peering { Peering(identity: instanceBox, timekeeper: SystemTime(), random: SystemRandom()) }

    func group(token: String? = nil, afterwards: (any PairedSession)? = nil) -> PairingGroup {
        PairingGroup(
            identification: PersonIdentification(as: own, acquaintances: self),
            handler: self,
            token: token,
            afterwards: afterwards
        )
    }

    func invite(_ token: String) { state.withLock { _ = $0.tokens.insert(token) } }
    var met: [PairedPeer] { state.withLock { $0.met } }
    var failures: [PeerError] { state.withLock { $0.failures } }

    /// As if this person had paired with the other one.
    func know(_ other: TestPerson, instanceKey: [UInt8]? = nil, instanceID: IDHash? = nil, signKey: [UInt8]? = nil) {
        let endpoint = KnownEndpoint(
            personID: other.own.personID,
            instanceID: instanceID ?? other.own.instanceID,
            instanceKey: instanceKey ?? other.instanceBox.publicKey,
            url: nil
        )
        let keys = KnownPersonKeys(
            publicKey: other.own.box.publicKey,
            publicSignKey: signKey ?? other.own.signKey
        )
        state.withLock { state in
            state.endpoints.append(endpoint)
            state.keys[other.own.personID, default: []].append(keys)
        }
    }

    // MARK: Acquaintances

    func endpoints(ofInstanceKey key: [UInt8]) throws -> [KnownEndpoint] {
        state.withLock { $0.endpoints.filter { $0.instanceKey == key } }
    }

    func personKeys(of person: IDHash) throws -> [KnownPersonKeys] { state.withLock { $0.keys[person] ?? [] } }

    // MARK: PairingHandler

    var identity: PairingIdentity {
        PairingIdentity(
            of: own,
            instanceKey: instanceBox.publicKey,
            instanceSignKey: instanceSignKey.publicKey,
            url: "ws://192.0.2.1:8765"
        )
    }

    func requireOpenInvitation() throws(PeerError) {
        isAsked.fulfil(())
        guard state.withLock({ !$0.tokens.isEmpty }) else { throw .refused("nobody is invited") }
    }

    func claim(_ token: String, by peer: ProvenPeer) throws(PeerError) {
        guard state.withLock({ $0.tokens.remove(token) }) != nil else { throw .refused("unknown invitation") }
    }

    func complete(_ peer: PairedPeer) throws(PeerError) {
        guard peer.proven.personEmail != "unwanted@rig.test" else { throw .refused("the disk is full") }
        state.withLock { $0.met.append(peer) }
    }

    func failed(_ peer: ProvenPeer?, _ error: PeerError) { state.withLock { $0.failures.append(error) } }
}

/// Both sides of an identification, message by message.
struct IdentificationPair {
    var initiator: IdentificationExchange
    var acceptor: IdentificationExchange
    let random: SeededRandom

    init(_ dialler: TestPerson, _ dialled: TestPerson, seed: UInt64 = 1) {
        random = SeededRandom(seed: seed)
        initiator = IdentificationExchange(
            own: dialler.own,
            isInitiator: true,
            remoteKey: dialled.instanceBox.publicKey,
            acquaintances: dialler
        )
        acceptor = IdentificationExchange(
            own: dialled.own,
            isInitiator: false,
            remoteKey: dialler.instanceBox.publicKey,
            acquaintances: dialled
        )
    }

    /// Runs both; `tampering` may change what the initiator sends, by number.
    ///
    /// Who the dialled side takes the other for, and the other way round.
    mutating func run(
        tampering: (Int, WireMessage) -> WireMessage = { $1 }
    ) throws -> (acceptorSees: ProvenPeer?, initiatorSees: ProvenPeer?) {
        var (toAcceptor, toInitiator) = (initiator.start(), acceptor.start())
        var seen: (ProvenPeer?, ProvenPeer?) = (nil, nil)
        var number = 0
        while !toAcceptor.isEmpty || !toInitiator.isEmpty {
            if !toAcceptor.isEmpty {
                let step = try acceptor.receive(tampering(number, toAcceptor.removeFirst()), random: random)
                number += 1
                toInitiator += step.messages
                seen.0 = step.peer ?? seen.0
            }
            if !toInitiator.isEmpty {
                let step = try initiator.receive(toInitiator.removeFirst(), random: random)
                toAcceptor += step.messages
                seen.1 = step.peer ?? seen.1
            }
        }
        return seen
    }
}

extension WireMessage {
    /// The same text with something else in it.
    func replacing(_ old: String, with new: String) -> WireMessage {
        guard case .text(let text) = self else { return self }
        return .text(text.replacing(old, with: new))
    }
}
