import Objects
import Peers
import Storage

/// What a custodian gives to contacts and takes from them.
struct ChumDesk: ChumHost, PairedSession {
    let node: Node
    let owner: IDHash
    let exporter: Exporter
    private let identification: PersonIdentification
    private let export: ChumExport
    private let channels: ChannelBook

    init(node: Node, owner: IDHash, identification: PersonIdentification) throws {
        (self.node, self.owner, self.identification) = (node, owner, identification)
        export = ChumExport(node: node)
        exporter = Exporter(source: export)
        channels = try ChannelBook(disk: node.root.disk())
    }

    /// Brings what is granted and not here, until cancelled.
    func bringGranted() async { await export.stock.run() }

    var group: ChumGroup { ChumGroup(identification: identification, host: self) }

    func admit(_ proven: ProvenPeer) throws(PeerError) -> (peer: ChumPeer, transfers: TransferCounters) {
        guard proven.personID != owner else { throw .refused("devices of one person speak another protocol here") }
        if let rest = node.contacts.heldOff(proven.personID) {
            throw .refused("held off for \(rest.components.seconds + 1) more seconds for breaking the protocol")
        }
        let peer = ChumPeer(
            personID: proven.personID,
            instanceID: proven.instanceID,
            instanceKey: proven.instanceKey,
            email: proven.personEmail
        )
        return (peer, node.contacts.book.transfers(with: peer.party))
    }

    func accompany(_ session: ChumSession) async {
        guard node.contacts.add(session) else { return session.disconnect("Duplicate connection") }
        defer { node.contacts.remove(session) }
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await importing(session) }
            tasks.addTask {
                _ = try? await Collector(node: node, holder: session.peer.name).run()
                // It may end before the session does.
                _ = await session.ended()
            }
            await tasks.next()
            tasks.cancelAll()
        }
    }

    /// Somebody who says who a contact's instance is, and is not.
    func failed(_ instanceKey: [UInt8], _ error: PeerError) {
        switch error {
        case .violated, .refused: break
        default: return
        }
        guard let person = try? node.contactBook.endpoints(ofInstanceKey: instanceKey).first?.personID,
            node.contacts.heldOff(person) == nil,
            let email = try? node.author.versions.idObject(person).text("email")
        else { return }
        node.contacts.broke(person, email, error.reason)
    }

    private static func isViolation(_ error: any Error) -> Bool {
        switch error {
        case CallError.violated, PeerError.violated: true
        default: false
        }
    }

    private func importing(_ session: ChumSession) async {
        let target = ChumImport(node: node, peer: session.peer, owner: owner, export: export, channels: channels)
        do {
            try await Importer(client: session.client, target: target, time: node.time).run()
        } catch {
            guard !Task.isCancelled, session.endReason == nil else { return }
            let words = CommandError(explaining: error).message
            if Self.isViolation(error) { return session.broke(words) }
            node.events.record(.syncFailed, source: session.peer.email, details: words, failed: true)
            session.disconnect(words)
        }
    }
}
