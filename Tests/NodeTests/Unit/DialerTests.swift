import Logging
import Objects
import Peers
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Node

/// How an instance that cannot be reached is dialled again.
@Suite(.timeLimit(.minutes(5))) struct DialerTests {
    /// The real clock, which keeps note of pauses and of those that were cut short.
    final class NotedTime: Timekeeper {
        private let clock = SystemTime()
        private let pauses = Mutex<[(length: Duration, wasCut: Bool)]>([])

        var now: Timestamp { clock.now }
        var elapsed: Duration { clock.elapsed }
        var noted: [(length: Duration, wasCut: Bool)] { pauses.withLock { $0 } }

        func sleep(for duration: Duration) async throws {
            // Long enough for a wake-up to come first, if there is one.
            let outcome: Void? = try? await clock.sleep(for: .milliseconds(20))
            pauses.withLock { $0.append((duration, outcome == nil)) }
            if outcome == nil { throw CancellationError() }
        }
    }

    @Test func pausesGrowAndAreKept() async throws {
        let folder = TemporaryDirectory()
        let (node, _) = try AuthorTests.custodian(folder)
        let (identity, roll, time) = (try node.requireIdentity(), try #require(node.roll), NotedTime())
        let service = NodeService(node: node, own: Hello(name: "box", role: "archive", feed: ""))
        let dialer = Dialer(
            name: "box",
            // Nobody listens there.
            endpoint: "ws://127.0.0.1:1",
            dialer: PeerDialer(
                peering: Peering(identity: identity.instanceKeys.box, timekeeper: time, random: node.random)
            ),
            group: IoMGroup(membership: roll, service: service) { _ in },
            links: node.links,
            roll: roll,
            time: time,
            random: node.random,
            logger: node.logger
        )
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await dialer.run {} }
            while time.noted.count < 12 { await Task.yield() }
            let noted = time.noted.prefix(12)
            tasks.cancelAll()
            #expect(!noted.contains { $0.wasCut }, "a pause nobody asked to end was ended")
            #expect((noted.map(\.length).max() ?? .zero) > .seconds(4))
        }
    }

    @Test func whoListensNoMoreIsForgotten() async {
        let broadcast = Broadcast<Int>(bufferCount: 4)
        let kept = broadcast.listen()
        await withTaskGroup(of: Void.self) { tasks in
            let stream = broadcast.listen()
            tasks.addTask { for await _ in stream {} }
            tasks.cancelAll()
        }
        #expect(broadcast.listenerCount == 1)
        broadcast.tell(7)
        var iterator = kept.makeAsyncIterator()
        #expect(await iterator.next() == 7)
    }
}
