import Objects
import Peers

/// A session with another instance, as far as it is told of (design 11).
protocol LiveSession: Sendable {
    var party: ConnectionBook.Party { get }
    var remoteAddress: String { get }
    /// Whether this side dialled.
    var isInitiator: Bool { get }
    /// Whether the other side dialled a relay.
    var isRelayed: Bool { get }
    var byteCounts: ByteCounts { get }
    var byteMeter: ByteMeter { get }
    var roundTrip: Duration? { get }
    var openCallCount: Int { get }
    var endReason: PeerError? { get }
}

extension IoMSession: LiveSession {
    var party: ConnectionBook.Party { member.party }
}

extension ChumSession: LiveSession {
    var party: ConnectionBook.Party { peer.party }
}

extension Member {
    var party: ConnectionBook.Party {
        .init(id: registration.instanceID, name: name, role: registration.storageRole)
    }
}

extension ChumPeer {
    var party: ConnectionBook.Party {
        .init(id: instanceID, name: email, role: Snapshot.Connection.contactRole)
    }
}
