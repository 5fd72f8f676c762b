package import Objects
import Peers
import Storage
import Synchronization

/// Pairs with whoever made an invitation.
package struct AcceptContact: NodeCommand {
    package static let name = "accept"

    package var link: String
    /// Whether the two are one person from then on; on a running node only, because the other side has to answer.
    package var becomesOne: Bool

    package init(link: String, becomesOne: Bool = false) { (self.link, self.becomesOne) = (link, becomesOne) }

    package struct Item: Codable, Sendable {
        package var person: IDHash
        package var email: String
        /// Name of the other side's instance.
        package var instance: String
        /// Id of the conversation of the two.
        package var conversation: String
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        var introduction = try node.introduction()
        guard let invitation = Invitation(link) else {
            throw CommandError("this is no invitation: give the whole line that the other side was shown")
        }
        guard !becomesOne || node.serving.load(ordering: .relaxed) else {
            throw CommandError("the other side has to answer: run `iom serve`, then join")
        }
        guard becomesOne || !Invitation.isForDevice(link) else {
            throw CommandError("this link is for a device of the same owner: use `iom join` there")
        }
        guard invitation.publicKey != introduction.instanceKeys.box.publicKey else {
            throw CommandError("this invitation is your own: give it to somebody else")
        }
        let met = OneShot<PairedPeer>()
        let unions = node.unions
        let completions = unions.completions()
        introduction.onMet = { [becomesOne] in
            if becomesOne { unions.expect($0.proven.personID) }
            met.fulfil($0)
        }
        let peering = Peering(
            identity: introduction.instanceKeys.box,
            timekeeper: node.time,
            random: node.random
        )
        do {
            try await PeerDialer(peering: peering, authorities: node.authorities).pair(
                by: invitation,
                identification: introduction.identification,
                handler: introduction
            )
        } catch {
            throw CommandError("no contact was made: \(Self.words(error))")
        }
        guard let peer = met.current?.proven else {
            throw CommandError("no contact was made: ask for a new invitation")
        }
        if becomesOne { for await person in completions where person == peer.personID { break } }
        try await emit(
            Item(
                person: peer.personID,
                email: peer.personEmail,
                instance: peer.instanceName,
                conversation: Author.pairID(introduction.own.personID, peer.personID)
            )
        )
    }

    private static func words(_ error: PeerError) -> String {
        switch error {
        case .unreachable(let reason): "\(reason); ask whether the other side is running, and try again"
        case .cancelled: "stopped"
        default: error.reason.contains("ask for") ? error.reason : "\(error.reason); ask for a new invitation"
        }
    }
}
