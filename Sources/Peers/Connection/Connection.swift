package import Objects
import Synchronization

/// An encrypted connection to one peer, after the key exchange (one-protocol 1.2): the sending side and the end.
///
/// `remoteKey` is an instance key the other side has proven to hold. Messages go out whole and in order.
package final class Connection: Sendable {
    package let isInitiator: Bool
    /// Whether the other side dialled a relay, and this side was handed over to it.
    package let isRelayed: Bool
    package let localKey: [UInt8]
    package let remoteKey: [UInt8]
    package let timekeeper: any Timekeeper
    let random: any RandomSource
    private let transport: any Transport
    private let keys: SessionKeys
    private let outbox = Outbox()
    let speed = LinkSpeed()
    private let end = OneShot<End>()
    private let authentication: Authentication
    private let measuresRoundTrip = Atomic(false)
    private let isHeldBack = Atomic(false)
    private let activity: Mutex<(sent: Duration, received: Duration)>

    /// How it ended; `isOwn`: this side wanted it so.
    private struct End: Sendable {
        var error: PeerError
        var isOwn: Bool
    }

    init(
        transport: any Transport,
        isInitiator: Bool,
        isRelayed: Bool = false,
        localKey: [UInt8],
        remoteKey: [UInt8],
        keys: SessionKeys,
        authentication: Authentication,
        timekeeper: any Timekeeper,
        random: any RandomSource
    ) {
        (self.transport, self.isInitiator, self.localKey, self.remoteKey) = (
            transport, isInitiator, localKey, remoteKey
        )
        (self.keys, self.authentication, self.isRelayed) = (keys, authentication, isRelayed)
        (self.timekeeper, self.random) = (timekeeper, random)
        activity = Mutex((timekeeper.elapsed, timekeeper.elapsed))
    }

    package var remoteAddress: String { transport.remoteAddress }
    package var byteCounts: ByteCounts { transport.byteCounts }
    package var byteMeter: ByteMeter { transport.byteMeter }

    package var roundTrip: Duration? { transport.roundTrip }

    /// Measures how long the way there and back takes, now and whenever there is time for a keepalive.
    func measureRoundTrip() {
        measuresRoundTrip.store(true, ordering: .relaxed)
        transport.ping()
    }

    /// Sends a message after all others of its priority; waits for room.
    package func send(_ message: WireMessage, _ priority: CallPriority = .reader) async throws(PeerError) {
        guard await outbox.enqueue(message, priority) else { throw endReason ?? .cancelled }
    }

    /// Sends a message after all others of its priority without waiting; for small ones of which there cannot be many.
    package func post(_ message: WireMessage, _ priority: CallPriority = .reader) { post(.message(message), priority) }

    private func post(_ item: Outbox.Item, _ priority: CallPriority = .reader) {
        if !outbox.post(item, priority), end.current == nil { finish(.timedOut("the other side takes no data")) }
    }

    /// Ends the connection at once, telling the other side why.
    ///
    /// What is queued is not sent.
    package func close(_ reason: String) { finish(End(error: .closed(reason), isOwn: true)) }

    /// The same because of an error; the first reason is the one that counts.
    package func finish(_ error: PeerError) { finish(End(error: error, isOwn: false)) }

    private func finish(_ end: End) {
        self.end.fulfil(end)
        outbox.close()
        transport.close(CloseReason.sent(end.error))
    }

    /// Waits for the end and tells its reason; nil if the waiting task is cancelled.
    package func ended() async -> PeerError? { await end.value()?.error }

    /// Why it has ended; nil while it lives.
    package var endReason: PeerError? { end.current?.error }

    /// Whether it has ended because this side closed it.
    package var isClosedHere: Bool { end.current?.isOwn ?? false }

    /// To be called when it is known who the other side is and that it may be here: lifts the limits of strangers.
    package func authenticated() { authentication.succeed() }

    /// The receiving side; made once.
    func incoming(_ iterator: any AsyncIteratorProtocol<WireMessage, any Error>) -> IncomingMessages {
        IncomingMessages(connection: self, iterator: iterator, opener: FrameOpener(keys))
    }

    /// While nothing is read because there is no room for more, it is not the other side that is silent.
    func holdBack(_ isHeldBack: Bool) {
        self.isHeldBack.store(isHeldBack, ordering: .relaxed)
        noteReceived()
    }

    func noteReceived() { activity.withLock { $0.received = timekeeper.elapsed } }
}

extension Connection {
    /// The one writer: splits, seals and sends until the end.
    func write() async {
        var sealer = FrameSealer(keys)
        do {
            while let departure = await outbox.next() {
                for piece in Self.pieces(of: departure.item) {
                    guard end.current == nil else { return }
                    let frame = sealer.seal(piece, random: random)
                    let start = timekeeper.elapsed
                    try await transport.send(.binary(frame))
                    let now = timekeeper.elapsed
                    speed.note(byteCount: frame.count, in: now - start)
                    activity.withLock { $0.sent = now }
                }
                outbox.release(departure)
            }
        } catch {
            // The reader learns the true reason; this one counts only if it does not.
            transport.close(CloseReason.sent("sending failed"))
        }
    }

    private static func pieces(of item: Outbox.Item) -> [WireMessage] {
        guard case .message(let message) = item else { return [.text(Keepalive.word)] }
        return Fragmentation.outgoing(message).map { piece in
            if case .text(let text) = piece { .text(Keepalive.outgoing(text)) } else { piece }
        }
    }

    /// Keepalives out, and the end when none come in (one-protocol 1.4).
    func watch() async {
        while true {
            let now = timekeeper.elapsed
            if isHeldBack.load(ordering: .relaxed) { noteReceived() }
            var (sent, received) = activity.withLock { $0 }
            guard now - received < Keepalive.silenceMax else {
                finish(.timedOut("nothing received for 25 seconds"))
                return
            }
            if now - sent >= Keepalive.interval {
                post(.keepalive)
                sent = now
                activity.withLock { $0.sent = now }
            }
            if measuresRoundTrip.load(ordering: .relaxed) { transport.ping() }
            let wait = min(sent + Keepalive.interval, received + Keepalive.silenceMax) - now
            do { try await timekeeper.sleep(for: wait) } catch { return }
        }
    }
}
