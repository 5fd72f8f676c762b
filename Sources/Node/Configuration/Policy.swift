/// What this instance keeps, as it counts: the preset of its role, changed by what a person wrote (design 9).
///
/// Always without contradiction: what cannot go together was refused when `iom.toml` was read.
package struct Policy: Sendable, Equatable {
    package let role: Role
    /// Old versions are kept as well as the current one of each thing.
    package internal(set) var keepAllVersions: Bool
    /// Every object there is is brought here and stays: others may rely on it.
    package internal(set) var keepAllObjects: Bool
    /// What is newer is brought here and stays while there is room; nil: no such limit.
    package internal(set) var keepRecentDays: Int?
    /// What is older and was not used for as long is dropped even while there is room; nil: never.
    package internal(set) var maxObjectAge: Duration?
    /// nil: unlimited.
    package internal(set) var maxStorage: ByteCount?
    /// What is dropped to make room.
    package internal(set) var pruneStrategy: Strategy
    /// Whether what is fetched for a reader stays.
    package internal(set) var cacheStrategy: Strategy
    /// Nothing but the essentials is brought here ahead of its use.
    package internal(set) var essentialsOnly: Bool
    package internal(set) var essentials: Set<Essential>
    /// Name of the peer that is asked first.
    package internal(set) var provider: String?
    /// Brought here ahead of its use.
    package internal(set) var prefetch: Set<Kind>
    /// Never brought here ahead of its use.
    package internal(set) var lazy: Set<Kind>
    package internal(set) var strategies: [SyncedType: SyncStrategy]
    /// Where each value comes from; a key that is not in it comes from the preset of the role.
    var origins: [PolicyKey: Setting.Origin] = [:]

    /// How room is made.
    package enum Strategy: String, CaseIterable, Sendable { case lru, never }

    /// What a minimal instance keeps.
    package enum Essential: String, CaseIterable, Sendable {
        case activeConversations = "active-conversations"
        case recentMessages = "recent-messages"
        case userProfile = "user-profile"
        case contacts
    }

    /// What can be brought ahead, or never is.
    package enum Kind: String, CaseIterable, Sendable {
        case contacts
        case recentMessages = "recent-messages"
        case oldMessages = "old-messages"
        case files
    }

    /// The types a strategy can be set for.
    package enum SyncedType: String, CaseIterable, Sendable {
        case message = "Message"
        case file = "File"
        case contact = "Contact"
    }

    /// When things of a type come here.
    package enum SyncStrategy: String, CaseIterable, Sendable {
        /// All of them, before they are asked for.
        case fullSync = "full-sync"
        /// Newest first, back to `keepRecentDays`.
        case recentFirst = "recent-first"
        /// When they are read.
        case onDemand = "on-demand"
    }
}

extension Policy {
    /// Whether this instance holds every object there is, so that others may drop theirs.
    package var keepsEverything: Bool { keepAllObjects }

    package func strategy(of type: SyncedType) -> SyncStrategy { strategies[type] ?? .onDemand }

    /// Where a value comes from.
    package func origin(of key: PolicyKey) -> Setting.Origin {
        origins[key] ?? (key == .provider ? .standard : .preset(role))
    }
}
