import Peers
import Synchronization

/// How it goes with each relay this instance listens through.
final class RelayBook: Sendable {
    private let standings = Mutex<[String: RelayListener.Standing]>([:])

    func set(_ standing: RelayListener.Standing, of url: String) { standings.withLock { $0[url] = standing } }

    var reports: [Snapshot.Relay] {
        standings.withLock { $0 }.sorted { $0.key < $1.key }.map { url, standing in
            Snapshot.Relay(url: url, spares: standing.spareCount, lastError: standing.lastError)
        }
    }
}

extension Snapshot {
    /// A relay this instance listens through.
    package struct Relay: Codable, Hashable, Sendable {
        package var url: String
        /// Connections there that wait for a dial; 0: nobody can come this way.
        package var spares: Int
        /// Why the last of them ended; null while all is well.
        @Nullable package var lastError: String? = nil
    }
}

extension Snapshot.Relay {
    /// For people.
    var line: String { "relay          \(url): " + (spares > 0 ? "can be dialled" : lastError ?? "connecting") }
}
