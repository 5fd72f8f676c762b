import Foundation
import Hummingbird
import NIOCore
import Node
import Objects
import Synchronization

/// Tells everybody who looks what happens, by server-sent events; while nobody looks it only notes how reading went.
final class LiveFeed: Sendable {
    private static let viewerCountMax = 8
    /// Messages a slow viewer may leave waiting; then it loses the oldest.
    private static let messageCountMax = 16
    /// How often is looked while somebody looks, and how often at most, and at least, the whole state is told.
    private static let pause = Duration.milliseconds(250)
    private static let statePauseMin = Duration.seconds(2)
    private static let statePauseMax = Duration.seconds(10)
    /// After which a viewer that has heard nothing is asked whether it is still there.
    private static let silenceMax = Duration.seconds(20)

    private struct Viewer {
        var messages: AsyncStream<ByteBuffer>.Continuation
        var isAllowed: @Sendable () -> Bool
    }

    private struct State {
        var viewers: [Int: Viewer] = [:]
        var last = 0
        var arrivals: [Arrival] = []
        var more = 0
        /// Something happened that the state tells.
        var isStale = false
    }

    private let node: Node
    private let source: StateSource
    private let state = Mutex(State())
    private let calls: AsyncStream<Void>
    private let called: AsyncStream<Void>.Continuation

    init(node: Node) {
        self.node = node
        source = StateSource(node: node)
        (calls, called) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    private var hasViewers: Bool { state.withLock { !$0.viewers.isEmpty } }

    /// The whole state, now.
    func stateBytes() async throws -> [UInt8] { try await source.bytes() }

    /// Somebody has changed something: what is told next tells it.
    func refresh() {
        source.forgetShares()
        state.withLock { $0.isStale = true }
    }

    func run() async {
        await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.note() }
                group.addTask {
                    for await _ in self.node.events.changes() { self.state.withLock { $0.isStale = true } }
                }
                group.addTask { for await _ in self.calls { await self.follow() } }
                await group.next()
                group.cancelAll()
            }
        } onCancel: {
            end()
        }
        end()
    }

    private func end() {
        called.finish()
        for viewer in state.withLock({ $0.viewers.values }) { viewer.messages.finish() }
    }

    /// Whatever comes is noted: that wakes nobody who is not awake.
    private func note() async {
        for await batch in node.arrivals() {
            source.notePoint()
            state.withLock { state in
                state.isStale = true
                guard !state.viewers.isEmpty else { return }
                let room = max(0, Live.itemCount - state.arrivals.count)
                state.arrivals += batch.prefix(room)
                state.more += max(0, batch.count - room)
            }
        }
    }

    /// While somebody looks.
    private func follow() async {
        var clock = (state: Duration.zero, message: Duration.zero)
        var (lastState, lastLive) = ([UInt8](), Live())
        while hasViewers, !Task.isCancelled {
            let now = node.time.elapsed
            let live = takeLive()
            if live != lastLive || !live.arrivals.isEmpty {
                send("live", (try? JSON.bytes(live)) ?? [])
                (lastLive, clock.message) = (live, now)
            }
            let isStale = state.withLock { $0.isStale }
            if now - clock.state >= (isStale ? Self.statePauseMin : Self.statePauseMax) || lastState.isEmpty {
                state.withLock { $0.isStale = false }
                if let bytes = try? await source.bytes() {
                    send("state", bytes)
                    lastState = bytes
                    clock.message = now
                }
                clock.state = now
            }
            if now - clock.message >= Self.silenceMax {
                send("silence", Array("{}".utf8))
                clock.message = now
            }
            try? await node.time.sleep(for: Self.pause)
        }
    }

    private func takeLive() -> Live {
        let (arrivals, more) = state.withLock { state in
            defer { (state.arrivals, state.more) = ([], 0) }
            return (state.arrivals, state.more)
        }
        return Live(
            arrivals: arrivals.map { Live.Item($0, on: node) },
            more: more,
            underway: node.underway(limit: Live.itemCount).map { Live.Item($0, on: node) }
        )
    }

    /// To all who may still look.
    private func send(_ event: String, _ bytes: [UInt8]) {
        let message = Self.message(event, bytes)
        let viewers = state.withLock { $0.viewers }
        for viewer in viewers.values {
            guard viewer.isAllowed() else {
                viewer.messages.finish()
                continue
            }
            viewer.messages.yield(message)
        }
    }

    private static func message(_ event: String, _ bytes: [UInt8]) -> ByteBuffer {
        var buffer = ByteBuffer(string: "event: \(event)\ndata: ")
        buffer.writeBytes(bytes)
        buffer.writeString("\n\n")
        return buffer
    }
}

extension LiveFeed {
    /// Everything from now on, for as long as the session lasts.
    func response(while isAllowed: @escaping @Sendable () -> Bool) async throws -> Response {
        let (messages, continuation) = AsyncStream<ByteBuffer>.makeStream(
            bufferingPolicy: .bufferingNewest(Self.messageCountMax)
        )
        let first = Self.message("state", try await stateBytes())
        let number = state.withLock { state -> Int? in
            guard state.viewers.count < Self.viewerCountMax else { return nil }
            state.last += 1
            state.viewers[state.last] = Viewer(messages: continuation, isAllowed: isAllowed)
            return state.last
        }
        guard let number else {
            return .refused(.serviceUnavailable, "too many pages are open: close one, then load this one again")
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { $0.viewers[number] = nil }
        }
        continuation.yield(first)
        called.yield()
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream"],
            body: ResponseBody { writer in
                defer { continuation.finish() }
                // Said first: after how many milliseconds to come back, if this ends.
                try await writer.write(ByteBuffer(string: "retry: 1000\n\n"))
                for await message in messages { try await writer.write(message) }
                try await writer.finish(nil)
            }
        )
    }
}
