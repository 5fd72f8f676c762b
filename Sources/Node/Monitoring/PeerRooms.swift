import Objects
import Peers

/// Asks another instance how its room is, now and then while it is connected.
struct PeerRooms: Sendable {
    private static let pause = Duration.seconds(60)

    let node: Node
    let session: IoMSession

    /// Until cancelled.
    func run() async {
        repeat {
            // One that does not tell is not asked again in this session.
            guard await ask() != nil else { break }
        } while (try? await node.time.sleep(for: Self.pause)) != nil
        _ = await session.ended()
    }

    /// Asks once, notes its room, and compares its clock with the one here; nil: it does not tell.
    @discardableResult
    func ask() async -> PeerClock? {
        let start = node.time.elapsed
        guard let text = try? await session.client.status(), text.utf8.count <= PeerReport.byteCountMax,
            let report = try? JSONText.decode(PeerReport.self, from: text)
        else { return nil }
        let (trip, now) = (node.time.elapsed - start, node.time.now.wholeMilliseconds)
        node.links.book.change(session.member) { record in
            record.room = report.storage
            // By the clock of this instance: that of the other one may be wrong.
            record.room?.asOf = now
        }
        return PeerClock(name: session.member.name, theirs: report.storage.asOf, ours: now, trip: trip)
    }
}
