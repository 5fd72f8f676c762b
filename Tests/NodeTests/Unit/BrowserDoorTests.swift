import Objects
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Node

/// Who is let in at the dashboard, by the clock.
struct BrowserDoorTests {
    private final class Clock: Timekeeper {
        private let offset = Mutex(Duration.zero)
        var now: Timestamp { Timestamp(nanoseconds: 1_700_000_000_000_000_000) + offset.withLock { $0 } }
        var elapsed: Duration { offset.withLock { $0 } }
        func sleep(for duration: Duration) async throws { try await Task.sleep(for: .zero) }
        func advance(by duration: Duration) { offset.withLock { $0 += duration } }
    }

    private let clock = Clock()
    private let disk = MemoryDisk()

    private func door() -> BrowserDoor { BrowserDoor(on: disk, random: SystemRandom(), time: clock) }

    private func openDoor() throws -> BrowserDoor {
        try Root.lay(out: disk)
        let door = door()
        door.open(at: "http://127.0.0.1:8766", port: 8766)
        return door
    }

    private func secret(of door: BrowserDoor) throws -> String {
        try #require(try door.makeLink().split(separator: "#").last.map(String.init))
    }

    @Test func `A link is good for five minutes`() throws {
        let door = try openDoor()
        let (early, late) = (try secret(of: door), try secret(of: door))
        clock.advance(by: .seconds(299))
        #expect(door.enter(with: early) != nil)
        clock.advance(by: .seconds(2))
        #expect(door.enter(with: late) == nil)
    }

    @Test func `A session ends after a week, and outlives the process until then`() throws {
        let session: String
        do {
            let door = try openDoor()
            session = try #require(door.enter(with: try secret(of: door)))
        }
        let door = door()
        #expect(door.isSignedIn(session))
        #expect(!door.isSignedIn(String(session.reversed())))
        #expect(door.lastPort == 8766)
        clock.advance(by: BrowserDoor.sessionLifetime)
        #expect(!door.isSignedIn(session))
    }

    @Test func `No more links are out than anybody needs`() throws {
        let door = try openDoor()
        for _ in 0..<32 { _ = try door.makeLink() }
        #expect(throws: CommandError.self) { try door.makeLink() }
        clock.advance(by: BrowserDoor.linkLifetime)
        #expect(throws: Never.self) { try door.makeLink() }
    }

    @Test func `The oldest of too many sessions ends`() throws {
        let door = try openDoor()
        let sessions = try (0..<65).map { _ in
            clock.advance(by: .seconds(1))
            return try #require(door.enter(with: try secret(of: door)))
        }
        #expect(!door.isSignedIn(sessions[0]))
        #expect(sessions.dropFirst().allSatisfy(door.isSignedIn))
    }

    @Test func `The file says nothing with which anybody could sign in`() throws {
        let door = try openDoor()
        let session = try #require(door.enter(with: try secret(of: door)))
        let file = try #require(try SmallFile("browsers.json", on: disk, byteCountMax: 1 << 16).read())
        #expect(!file.contains(session) && file.contains("sessions"))
        #expect(try disk.status(at: "browsers.json")?.permissions == 0o600)
    }

    @Test func `Without a dashboard there is no link, and the reason is told`() throws {
        let door = try openDoor()
        door.close(because: "it is off")
        let error = #expect(throws: CommandError.self) { try door.makeLink() }
        #expect(error?.message.contains("it is off") == true)
    }
}
