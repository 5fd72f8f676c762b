/// Two values that cannot both be.
///
/// If a person wrote both, they are refused; if one comes from the role, it follows the one that was written.
private struct Conflict {
    let first: PolicyKey
    let second: PolicyKey
    let reason: String
    let isThere: (Policy) -> Bool
    /// Makes the first follow the second; nil: nobody gives it up without being asked.
    var firstYields: ((inout Policy) -> Void)?
    let secondYields: (inout Policy) -> Void
}

extension Policy {
    /// Lets values of the preset follow what was written.
    mutating func reconcile() throws(ConfigurationError) {
        for conflict in Self.conflicts where conflict.isThere(self) {
            let (first, second) = (origin(of: conflict.first), origin(of: conflict.second))
            if !second.isWritten {
                conflict.secondYields(&self)
                origins[conflict.second] = .following(conflict.first.rawValue)
            } else if !first.isWritten, let yield = conflict.firstYields {
                yield(&self)
                origins[conflict.first] = .following(conflict.second.rawValue)
            } else {
                throw refusal(of: conflict, first: first, second: second)
            }
        }
    }

    private func refusal(
        of conflict: Conflict,
        first: Setting.Origin,
        second: Setting.Origin
    ) -> ConfigurationError {
        let line = if case .file(let line) = second { line } else { 0 }
        let value = settings.first { $0.key == conflict.first.rawValue }?.value.description ?? ""
        let words =
            "`\(conflict.second.rawValue)` contradicts `\(conflict.first.rawValue) = \(value)` (\(first)): "
            + "\(conflict.reason); take one of the two out"
        guard first.isWritten else {
            let way = "; write `\(conflict.first.rawValue) = false` too, or take it out"
            return ConfigurationError(line: line, words.replacing("; take one of the two out", with: way))
        }
        return ConfigurationError(line: line, words)
    }

    private static var conflicts: [Conflict] { everythingKept + agesAgree + kindsAgree + essentialsAgree }

    /// Keeping every object leaves nothing to prune.
    private static var everythingKept: [Conflict] {
        func conflict(
            _ key: PolicyKey,
            _ reason: String,
            when isThere: @escaping (Policy) -> Bool,
            yielding: @escaping (inout Policy) -> Void
        ) -> Conflict {
            Conflict(
                first: .keepAllObjects,
                second: key,
                reason: reason,
                isThere: { $0.keepAllObjects && isThere($0) },
                secondYields: yielding
            )
        }
        var result = [
            conflict(.maxStorage, "who keeps everything cannot be held to a size") {
                $0.maxStorage != nil
            } yielding: {
                $0.maxStorage = nil
            },
            conflict(.maxObjectAge, "who keeps everything drops nothing for its age") {
                $0.maxObjectAge != nil
            } yielding: {
                $0.maxObjectAge = nil
            },
            conflict(.pruneStrategy, "who keeps everything prunes nothing") {
                $0.pruneStrategy != .never
            } yielding: {
                $0.pruneStrategy = .never
            },
            conflict(.cacheStrategy, "who keeps everything keeps what it fetches") {
                $0.cacheStrategy == .never
            } yielding: {
                $0.cacheStrategy = .lru
            },
            conflict(.essentialsOnly, "everything is more than the essentials") {
                $0.essentialsOnly
            } yielding: {
                $0.essentialsOnly = false
            },
            conflict(.keepAllVersions, "an old version is an object, too") {
                !$0.keepAllVersions
            } yielding: {
                $0.keepAllVersions = true
            },
            conflict(.lazy, "who keeps everything brings all of it") {
                !$0.lazy.isEmpty
            } yielding: {
                $0.lazy = []
            },
        ]
        result += SyncedType.allCases.map { type in
            conflict(type.key, "who keeps everything brings all of it") {
                $0.strategy(of: type) != .fullSync
            } yielding: {
                $0.strategies[type] = .fullSync
            }
        }
        return result
    }

    private static var agesAgree: [Conflict] {
        [
            Conflict(
                first: .pruneStrategy,
                second: .maxObjectAge,
                reason: "what is never pruned cannot be dropped for its age",
                isThere: { $0.pruneStrategy == .never && $0.maxObjectAge != nil },
                firstYields: { $0.pruneStrategy = .lru },
                secondYields: { $0.maxObjectAge = nil }
            ),
            Conflict(
                first: .keepRecentDays,
                second: .maxObjectAge,
                reason: "what is to be kept for days cannot be dropped before they are over",
                isThere: { policy in
                    guard let days = policy.keepRecentDays, let age = policy.maxObjectAge else { return false }
                    return .seconds(days * 86_400) > age
                },
                firstYields: { $0.keepRecentDays = $0.maxObjectAge.map { Int($0.components.seconds / 86_400) } },
                secondYields: { $0.maxObjectAge = $0.keepRecentDays.map { .seconds($0 * 86_400) } }
            ),
        ]
    }

    /// What is brought ahead is not what never is.
    private static var kindsAgree: [Conflict] {
        let both = Conflict(
            first: .prefetch,
            second: .lazy,
            reason: "what is brought ahead cannot be what never is",
            isThere: { !$0.prefetch.isDisjoint(with: $0.lazy) },
            firstYields: { $0.prefetch.subtract($0.lazy) },
            secondYields: { $0.lazy.subtract($0.prefetch) }
        )
        let kept = Conflict(
            first: .lazy,
            second: .essentials,
            reason: "what is kept cannot be what never comes ahead",
            isThere: { !$0.lazy.isDisjoint(with: $0.essentialKinds) },
            firstYields: { $0.lazy.subtract($0.essentialKinds) },
            secondYields: { policy in
                if policy.lazy.contains(.contacts) { policy.essentials.remove(.contacts) }
                if policy.lazy.contains(.recentMessages) { policy.essentials.subtract(SyncedType.message.essentials) }
            }
        )
        return [both, kept] + SyncedType.allCases.flatMap { [ahead(of: $0), behind($0), unkept($0)] }
    }

    /// With `essentials_only`, what comes ahead is essential.
    private static var essentialsAgree: [Conflict] {
        let more: [(PolicyKey, (Policy) -> Bool)] = [
            (.messages, { $0.strategy(of: .message) == .fullSync }), (.files, { $0.strategy(of: .file) != .onDemand }),
            (.prefetch, { !$0.prefetch.isDisjoint(with: [.oldMessages, .files]) }),
        ]
        let less: [(SyncedType, Essential)] = [(.message, .recentMessages), (.contact, .contacts)]
        return more.map { key, isMore in
            Conflict(
                first: key,
                second: .essentialsOnly,
                reason: "that is more than the essentials",
                isThere: { $0.essentialsOnly && isMore($0) },
                secondYields: { $0.essentialsOnly = false }
            )
        }
            + less.map { type, essential in
                Conflict(
                    first: type.key,
                    second: .essentials,
                    reason: "with essentials_only nothing comes ahead that is not among them",
                    isThere: {
                        $0.essentialsOnly && $0.strategy(of: type) != .onDemand && !$0.essentials.contains(essential)
                    },
                    firstYields: { $0.strategies[type] = .onDemand },
                    secondYields: { $0.essentials.insert(essential) }
                )
            }
    }

    private static func ahead(of type: SyncedType) -> Conflict {
        Conflict(
            first: type.key,
            second: .lazy,
            reason: "what is synced ahead cannot be what never comes ahead",
            isThere: { !$0.lazy.isDisjoint(with: type.kinds(aheadBy: $0.strategy(of: type))) },
            firstYields: { policy in
                let isRecentLazy = type != .message || policy.lazy.contains(.recentMessages)
                policy.strategies[type] = isRecentLazy ? .onDemand : .recentFirst
            },
            secondYields: { $0.lazy.subtract(type.kinds(aheadBy: $0.strategy(of: type))) }
        )
    }

    private static func unkept(_ type: SyncedType) -> Conflict {
        Conflict(
            first: type.key,
            second: .essentials,
            reason: "what comes when it is read is not kept",
            isThere: { $0.strategy(of: type) == .onDemand && !$0.essentials.isDisjoint(with: type.essentials) },
            firstYields: { $0.strategies[type] = type == .message ? .recentFirst : .fullSync },
            secondYields: { $0.essentials.subtract(type.essentials) }
        )
    }

    private static func behind(_ type: SyncedType) -> Conflict {
        Conflict(
            first: type.key,
            second: .prefetch,
            reason: "what comes when it is read does not come ahead",
            isThere: { $0.strategy(of: type) == .onDemand && !$0.prefetch.isDisjoint(with: type.kinds) },
            firstYields: { $0.strategies[type] = type == .message ? .recentFirst : .fullSync },
            secondYields: { $0.prefetch.subtract(type.kinds) }
        )
    }
}

extension Policy {
    /// What the essentials bring ahead.
    fileprivate var essentialKinds: Set<Kind> {
        var kinds: Set<Kind> = []
        if essentials.contains(.contacts) { kinds.insert(.contacts) }
        if essentials.contains(.recentMessages) { kinds.insert(.recentMessages) }
        return kinds
    }
}

extension Policy.SyncedType {
    /// Essentials of this type; who the owner is is needed in any case.
    fileprivate var essentials: Set<Policy.Essential> {
        switch self {
        case .message: [.recentMessages, .activeConversations]
        case .contact: [.contacts]
        case .file: []
        }
    }

    /// What of this type can be brought ahead.
    fileprivate var kinds: Set<Policy.Kind> {
        switch self {
        case .message: [.recentMessages, .oldMessages]
        case .file: [.files]
        case .contact: [.contacts]
        }
    }

    /// What of this type a strategy brings ahead.
    fileprivate func kinds(aheadBy strategy: Policy.SyncStrategy) -> Set<Policy.Kind> {
        switch strategy {
        case .fullSync: kinds
        case .recentFirst: self == .message ? [.recentMessages] : kinds
        case .onDemand: []
        }
    }
}
