/// Dials peers, directly or through a relay: an endpoint may be either's.
package struct PeerDialer: Sendable {
    private let peering: Peering
    private let dialer: WebSocketDialer

    package init(peering: Peering, authorities: TrustedAuthorities = .system) {
        (self.peering, dialer) = (peering, WebSocketDialer(authorities: authorities))
    }

    /// Connects to the instance with this key and runs the group until the connection ends; returns if this side
    /// closed it.
    package func connect(
        to endpoint: Endpoint,
        instanceKey: [UInt8],
        group: any ConnectionGroup
    ) async throws(PeerError) {
        try await dialer.run(endpoint) { transport in
            try await peering.dial(transport, target: instanceKey, group: group)
        }
    }

    /// Joins the owner's instances by an invitation.
    ///
    /// `onWords` is told the words both sides show while the custodian decides.
    package func join(
        _ invitation: Invitation,
        _ request: JoinRequest,
        onWords: @Sendable (ConfirmationWords) async -> Void
    ) async throws(PeerError) -> JoinReply {
        guard let endpoint = Endpoint(url: invitation.url) else { throw .refused("an invitation without an address") }
        let reply = OneShot<JoinReply>()
        await onWords(ConfirmationWords(custodianKey: invitation.publicKey, joining: request))
        let group = JoiningGroup(request: request, reply: reply)
        try await connect(to: endpoint, instanceKey: invitation.publicKey, group: group)
        guard let reply = reply.current else { throw .closed("the other side gave no answer") }
        return reply
    }
}
