/// A word of a fixed list in `iom.toml`.
private typealias Word = CaseIterable & Hashable & RawRepresentable<String>

extension Policy {
    /// Reads what was written over the preset of the role.
    ///
    /// Throws where a value is none of its kind, or where two that were written cannot both be.
    init(_ configuration: Configuration) throws(ConfigurationError) {
        self = Self.preset(of: configuration.instance.role)
        let written = Written(lines: configuration.lines)
        if let line = configuration.lines.line(of: PolicyKey.role.rawValue) { origins[.role] = .file(line: line) }
        try take(configuration.storage, written)
        try take(configuration.loadOnDemand, written)
        try take(configuration.sync.strategies ?? [:], written)
        try reconcile()
    }

    private mutating func take(_ storage: Configuration.Storage, _ written: Written) throws(ConfigurationError) {
        set(\.keepAllVersions, storage.keepAllVersions, .keepAllVersions, written)
        set(\.keepAllObjects, storage.keepAllObjects, .keepAllObjects, written)
        set(\.essentialsOnly, storage.essentialsOnly, .essentialsOnly, written)
        if let days = storage.keepRecentDays {
            guard 0...Self.daysMax ~= days else {
                throw written.refusal(.keepRecentDays, "\(days)", "is no number of days from 0 to \(Self.daysMax)")
            }
            set(\.keepRecentDays, days, .keepRecentDays, written)
        }
        if let text = storage.maxObjectAge {
            let age = text == Self.unlimited ? nil : Duration(words: text)
            guard text == Self.unlimited || age.map({ $0 > .zero }) == true else {
                throw written.refusal(.maxObjectAge, text, "is no duration such as \"30d\", and not \"unlimited\"")
            }
            set(\.maxObjectAge, .some(age), .maxObjectAge, written)
        }
        if let text = storage.maxStorage {
            let size = text == Self.unlimited ? nil : ByteCount(words: text)
            guard text == Self.unlimited || size.map({ $0.value >= Self.storageMin.value }) == true else {
                let words = "is no size of at least \(Self.storageMin.words) such as \"500MB\", and not \"unlimited\""
                throw written.refusal(.maxStorage, text, words)
            }
            set(\.maxStorage, .some(size), .maxStorage, written)
        }
        set(\.pruneStrategy, try storage.pruneStrategy.map(written.word(.pruneStrategy)), .pruneStrategy, written)
        set(\.cacheStrategy, try storage.cacheStrategy.map(written.word(.cacheStrategy)), .cacheStrategy, written)
        set(\.essentials, try storage.essentials.map(written.words(.essentials)), .essentials, written)
    }

    private mutating func take(_ demand: Configuration.LoadOnDemand, _ written: Written) throws(ConfigurationError) {
        if let name = demand.provider {
            guard !name.isEmpty else { throw written.refusal(.provider, name, "names nobody") }
            set(\.provider, name, .provider, written)
        }
        set(\.prefetch, try demand.prefetch.map(written.words(.prefetch)), .prefetch, written)
        set(\.lazy, try demand.lazy.map(written.words(.lazy)), .lazy, written)
    }

    private mutating func take(_ strategies: [String: String], _ written: Written) throws(ConfigurationError) {
        for (name, text) in strategies.sorted(by: { $0.key < $1.key }) {
            guard let type = SyncedType(rawValue: name) else { throw written.unknownType(name) }
            let strategy: SyncStrategy = try written.word(type.key)(text)
            set(\.strategies[type], strategy, type.key, written)
        }
    }

    private mutating func set<Value>(
        _ path: WritableKeyPath<Self, Value>,
        _ value: Value?,
        _ key: PolicyKey,
        _ written: Written
    ) {
        guard let value else { return }
        self[keyPath: path] = value
        origins[key] = .file(line: written.lines[key.rawValue] ?? 1)
    }

    private static let unlimited = "unlimited"
    /// A hundred years.
    private static let daysMax = 36_500
    /// A catalog alone needs more than nothing.
    private static let storageMin = ByteCount(1_000_000)
}

/// Reads words of `iom.toml` and says what is wrong with them.
private struct Written {
    let lines: KeyLines

    func refusal(_ key: PolicyKey, _ value: String, _ words: String) -> ConfigurationError {
        ConfigurationError(line: lines[key.rawValue], "`\(key.rawValue) = \"\(value)\"` \(words)")
    }

    func word<Choice: Word>(_ key: PolicyKey) -> (String) throws(ConfigurationError) -> Choice {
        { text throws(ConfigurationError) in
            if let choice = Choice(rawValue: text) { return choice }
            let all = Choice.allCases.map(\.rawValue)
            let nearest = Spelling.nearest(to: text, among: all).map { "did you mean \"\($0)\"? " } ?? ""
            let words = "`\(key.rawValue)` cannot be \"\(text)\": \(nearest)it is one of \(all.joined(separator: ", "))"
            throw ConfigurationError(line: lines[key.rawValue], words)
        }
    }

    func words<Choice: Word>(_ key: PolicyKey) -> ([String]) throws(ConfigurationError) -> Set<Choice> {
        { texts throws(ConfigurationError) in
            let read: (String) throws(ConfigurationError) -> Choice = word(key)
            var choices: Set<Choice> = []
            for text in texts { choices.insert(try read(text)) }
            return choices
        }
    }

    func unknownType(_ name: String) -> ConfigurationError {
        let all = Policy.SyncedType.allCases.map(\.rawValue)
        let nearest = Spelling.nearest(to: name, among: all).map { "; did you mean `\($0)`?" } ?? ""
        let words = "there is no type `\(name)`\(nearest) (there are \(all.joined(separator: ", ")))"
        return ConfigurationError(line: lines["sync.strategies.\(name)"], words)
    }
}
