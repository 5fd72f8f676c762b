import Foundation
import Objects
import Storage
import Synchronization

/// What an instance owes to others (`Vouching`), over restarts: durable before anybody relies on it.
final class VouchingFile: Sendable {
    private static let byteCountMax = 4096
    /// Numbers of turns that two files begin with are far apart.
    private static let firstTurnBound: UInt64 = 1 << 62

    private let file: SmallFile
    private let state: Mutex<Vouching>

    init(on disk: any Disk, random: any RandomSource) throws {
        file = SmallFile("vouched", on: disk, byteCountMax: Self.byteCountMax)
        // One that cannot be read is a new one: what was confirmed to its turns does not count any more.
        let kept = try file.read().flatMap { try? JSONDecoder().decode(Vouching.self, from: Data($0.utf8)) }
        state = Mutex(kept ?? Vouching(turn: Int64(random.number(below: Self.firstTurnBound))))
    }

    /// Others are asked now; the turn in which that is.
    func ask() -> Int64 { state.withLock { $0.ask() } }

    /// This instance vouches now; throws if it cannot, because that cannot be made durable.
    func vouch(at now: Timestamp) throws {
        try state.withLock { state in
            var next = state
            if next.vouch(at: now) {
                try file.replace(with: String(decoding: try JSONEncoder().encode(next), as: UTF8.self))
            }
            state = next
        }
    }

    func promise(at now: Timestamp) -> Timestamp? { state.withLock { $0.promise(at: now) } }

    var turn: Int64 { state.withLock { $0.turn } }
}
