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

    var group: ChumGroup { ChumGroup(identification: identification, host: self) }

    func admit(_ proven: ProvenPeer) throws(PeerError) -> (peer: ChumPeer, transfers: TransferCounters) {
        guard proven.personID != owner else { throw .refused("devices of one person speak another protocol here") }
        let name = proven.personEmail
        let peer = ChumPeer(personID: proven.personID, instanceKey: proven.instanceKey, name: name)
        return (peer, node.contacts.transfers(with: name))
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

    private func importing(_ session: ChumSession) async {
        let target = ChumImport(node: node, peer: session.peer, owner: owner, export: export, channels: channels)
        do {
            try await Importer(client: session.client, target: target, time: node.time).run()
        } catch {
            guard !Task.isCancelled, session.endReason == nil else { return }
            let words = CommandError(explaining: error).message
            node.events.record(.syncFailed, source: session.peer.name, details: words, failed: true)
            session.disconnect(words)
        }
    }
}
