package import Catalog
package import Objects

/// What must be on this device at one moment, and why, by its policy.
///
/// Knows no disk and no catalog: it is told facts, and the same facts give the same answer.
package struct Demand: Sendable {
    /// Of an active conversation so many messages are kept, and the rest of the day of the oldest of them.
    package static let activeMessageCount = 50

    package let policy: Policy
    package let now: Timestamp
    /// The last message or opening of each conversation, by its number in the catalog.
    private let activities: [Int64: Timestamp]

    package init(_ policy: Policy, at now: Timestamp, activities: [Int64: Timestamp] = [:]) {
        (self.policy, self.now, self.activities) = (policy, now, activities)
    }

    /// What decides about one object.
    package struct Facts: Sendable {
        package var parts: [ObjectPart]
        package var pin: String?
        package var isUnderReplicated = false
        package var isWorking = false
        package var lastUse: Timestamp?

        package init(
            _ parts: [ObjectPart],
            pin: String? = nil,
            isUnderReplicated: Bool = false,
            isWorking: Bool = false,
            lastUse: Timestamp? = nil
        ) {
            (self.parts, self.pin, self.lastUse) = (parts, pin, lastUse)
            (self.isUnderReplicated, self.isWorking) = (isUnderReplicated, isWorking)
        }
    }

    /// The strongest reason why an object is here, or may go.
    package func ground(of facts: Facts) -> Ground {
        if let pin = facts.pin { return .pinned(pin) }
        if facts.isUnderReplicated { return .underReplicated }
        if facts.isWorking { return .working }
        if let demand = facts.parts.compactMap(ground(of:)).max() { return demand }
        let times = facts.parts.compactMap(\.time) + [facts.lastUse].compactMap(\.self)
        if let age = policy.maxObjectAge, let latest = times.max(), latest < now - age { return .expired }
        return facts.lastUse.map(Ground.used) ?? .idle
    }

    /// Why something must be here; nil: nothing asks for it.
    package func ground(of part: ObjectPart) -> Ground? {
        if policy.keepAllObjects { return .everything }
        return switch part {
        case .contact(let isOwner): contact(isOwner: isOwner)
        case .message(let place): message(place)
        case .attachment(let time), .file(let time): file(time)
        case .other: nil
        }
    }

    /// What is newer is recent; nil: everything is.
    package var recentLimit: Timestamp? { policy.keepRecentDays.map { now - .seconds($0 * 86_400) } }

    /// How many of the newest days of a conversation can be asked for at all; nil: all of them.
    package var dayCountMax: Int? {
        if policy.keepAllObjects || policy.strategy(of: .message) == .fullSync || policy.prefetch.contains(.oldMessages)
        {
            return nil
        }
        return policy.keepRecentDays.map { max($0 + 1, Self.activeMessageCount) }
    }

    private func isRecent(_ time: Timestamp) -> Bool { recentLimit.map { time >= $0 } ?? true }

    private func contact(isOwner: Bool) -> Ground? {
        if isOwner, policy.essentials.contains(.userProfile) { return .essential(.userProfile) }
        if policy.essentials.contains(.contacts) { return .essential(.contacts) }
        if policy.essentialsOnly { return nil }
        switch policy.strategy(of: .contact) {
        case .fullSync: return .fullSync(.contact)
        case .recentFirst: return .recent(.contact, days: nil)
        case .onDemand: return policy.prefetch.contains(.contacts) ? .prefetched(.contacts) : nil
        }
    }

    private func message(_ place: DayPlace) -> Ground? {
        let isRecent = isRecent(place.last)
        if isRecent, policy.essentials.contains(.recentMessages) { return .essential(.recentMessages) }
        if policy.essentials.contains(.activeConversations), place.newerMessageCount < Self.activeMessageCount,
            isActive(place.thread)
        {
            return .essential(.activeConversations)
        }
        if policy.essentialsOnly { return nil }
        switch policy.strategy(of: .message) {
        case .fullSync: return .fullSync(.message)
        case .recentFirst: if isRecent { return .recent(.message, days: policy.keepRecentDays) }
        case .onDemand: break
        }
        if isRecent, policy.prefetch.contains(.recentMessages) { return .prefetched(.recentMessages) }
        return policy.prefetch.contains(.oldMessages) ? .prefetched(.oldMessages) : nil
    }

    private func isActive(_ thread: Int64) -> Bool { activities[thread].map(isRecent) ?? false }

    private func file(_ time: Timestamp) -> Ground? {
        if policy.essentialsOnly { return nil }
        switch policy.strategy(of: .file) {
        case .fullSync: return .fullSync(.file)
        case .recentFirst: if isRecent(time) { return .recent(.file, days: policy.keepRecentDays) }
        case .onDemand: break
        }
        return policy.prefetch.contains(.files) ? .prefetched(.files) : nil
    }
}

extension ObjectPart {
    /// How old it is; nil for what does not age.
    package var time: Timestamp? {
        switch self {
        case .message(let place): place.last
        case .attachment(let time), .file(let time): time
        case .contact, .other: nil
        }
    }
}

extension Timestamp {
    fileprivate static func - (time: Self, duration: Duration) -> Self {
        let (seconds, attoseconds) = duration.components
        return Self(nanoseconds: time.nanoseconds - seconds * 1_000_000_000 - attoseconds / 1_000_000_000)
    }
}
