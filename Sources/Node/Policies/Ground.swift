package import Objects

/// Why something is on this device, or may leave it: the strongest reason there is.
///
/// In order: what is further down may go before what is above it.
package enum Ground: Hashable, Sendable {
    /// The owner's word.
    case pinned(String)
    /// Nobody who keeps everything has confirmed to have it.
    case underReplicated
    /// This instance works with it: keys, members, current versions.
    case working
    case everything
    case essential(Policy.Essential)
    case fullSync(Policy.SyncedType)
    case recent(Policy.SyncedType, days: Int?)
    case prefetched(Policy.Kind)
    /// Nothing asks for it; it was used.
    case used(Timestamp)
    /// Nothing asks for it.
    case idle
    /// It is older than `max_object_age`, and was not used for as long.
    case expired

    /// Whether it must be here; what need not may go.
    package var isDemand: Bool { rank < Self.firstWithoutDemand }

    private static let firstWithoutDemand = 8

    private var rank: Int {
        switch self {
        case .pinned: 0
        case .underReplicated: 1
        case .working: 2
        case .everything: 3
        case .essential: 4
        case .fullSync: 5
        case .recent: 6
        case .prefetched: 7
        case .used: Self.firstWithoutDemand
        case .idle: 9
        case .expired: 10
        }
    }
}

extension Ground: Comparable {
    /// The weaker first: so they go.
    package static func < (weaker: Self, stronger: Self) -> Bool {
        if case (.used(let earlier), .used(let later)) = (weaker, stronger) { return earlier < later }
        return weaker.rank > stronger.rank
    }
}

extension Ground: CustomStringConvertible {
    /// The rule, by the key that makes it.
    package var description: String {
        switch self {
        case .pinned(let pin): "pinned by `\(pin)`"
        case .underReplicated: "no device that keeps everything has confirmed to have it"
        case .working: "this device works with it"
        case .everything: "keep_all_objects"
        case .essential(let essential): "essential: \(essential.rawValue)"
        case .fullSync(let type): "\(type.rawValue) = full-sync"
        case .recent(let type, let days):
            "\(type.rawValue) = recent-first" + (days.map { ", the last \($0) days" } ?? "")
        case .prefetched(let kind): "prefetch: \(kind.rawValue)"
        case .used: "kept since it was used; may go"
        case .idle: "nothing asks for it; may go"
        case .expired: "older than max_object_age; goes"
        }
    }
}
