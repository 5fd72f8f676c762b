/// The keys of `iom.toml` that say what is kept, by their dotted paths.
package enum PolicyKey: String, CaseIterable, Sendable {
    case role = "instance.role"
    case keepAllVersions = "storage.keep_all_versions"
    case keepAllObjects = "storage.keep_all_objects"
    case keepRecentDays = "storage.keep_recent_days"
    case maxObjectAge = "storage.max_object_age"
    case maxStorage = "storage.max_storage"
    case pruneStrategy = "storage.prune_strategy"
    case cacheStrategy = "storage.cache_strategy"
    case essentialsOnly = "storage.essentials_only"
    case essentials = "storage.essentials"
    case provider = "load_on_demand.provider"
    case prefetch = "load_on_demand.prefetch"
    case lazy = "load_on_demand.lazy"
    case messages = "sync.strategies.Message"
    case files = "sync.strategies.File"
    case contacts = "sync.strategies.Contact"
}

extension Policy.SyncedType {
    var key: PolicyKey {
        switch self {
        case .message: .messages
        case .file: .files
        case .contact: .contacts
        }
    }
}

extension Policy {
    /// Every value with its origin, in the order of the README.
    package var settings: [Setting] {
        PolicyKey.allCases.map { Setting(key: $0.rawValue, value: value(of: $0), origin: origin(of: $0)) }
    }

    private func value(of key: PolicyKey) -> Setting.Value {
        switch key {
        case .role: .word(role.rawValue)
        case .keepAllVersions: .flag(keepAllVersions)
        case .keepAllObjects: .flag(keepAllObjects)
        case .keepRecentDays: keepRecentDays.map { .count($0) } ?? .none
        case .maxObjectAge: maxObjectAge.map { .word($0.words) } ?? .none
        case .maxStorage: .word(maxStorage?.words ?? "unlimited")
        case .pruneStrategy: .word(pruneStrategy.rawValue)
        case .cacheStrategy: .word(cacheStrategy.rawValue)
        case .essentialsOnly: .flag(essentialsOnly)
        case .essentials: words(essentials)
        case .provider: provider.map { .word($0) } ?? .none
        case .prefetch: words(prefetch)
        case .lazy: words(lazy)
        case .messages: .word(strategy(of: .message).rawValue)
        case .files: .word(strategy(of: .file).rawValue)
        case .contacts: .word(strategy(of: .contact).rawValue)
        }
    }

    private func words<Word: Hashable & CaseIterable & RawRepresentable<String>>(_ set: Set<Word>) -> Setting.Value {
        .words(Word.allCases.filter(set.contains).map(\.rawValue))
    }
}
