extension Policy {
    /// What a role keeps when nothing else is said (design 9).
    package static func preset(of role: Role) -> Self {
        switch role {
        case .archive: archive
        case .cache: cache
        case .minimal: minimal
        }
    }

    private static var archive: Self {
        Self(
            role: .archive,
            keepAllVersions: true,
            keepAllObjects: true,
            keepRecentDays: nil,
            maxObjectAge: nil,
            maxStorage: nil,
            pruneStrategy: .never,
            cacheStrategy: .lru,
            essentialsOnly: false,
            essentials: Set(Essential.allCases),
            prefetch: Set(Kind.allCases),
            lazy: [],
            strategies: [.message: .fullSync, .file: .fullSync, .contact: .fullSync]
        )
    }

    private static var cache: Self {
        Self(
            role: .cache,
            keepAllVersions: false,
            keepAllObjects: false,
            keepRecentDays: 30,
            maxObjectAge: .seconds(30 * 86_400),
            maxStorage: ByteCount(500_000_000),
            pruneStrategy: .lru,
            cacheStrategy: .lru,
            essentialsOnly: false,
            essentials: Set(Essential.allCases),
            prefetch: [.contacts, .recentMessages],
            lazy: [.oldMessages, .files],
            strategies: [.message: .recentFirst, .file: .onDemand, .contact: .fullSync]
        )
    }

    private static var minimal: Self {
        var policy = cache
        policy = Self(
            role: .minimal,
            keepAllVersions: false,
            keepAllObjects: false,
            keepRecentDays: 7,
            maxObjectAge: nil,
            maxStorage: ByteCount(50_000_000),
            pruneStrategy: .lru,
            cacheStrategy: .lru,
            essentialsOnly: true,
            essentials: policy.essentials,
            prefetch: policy.prefetch,
            lazy: policy.lazy,
            strategies: policy.strategies
        )
        return policy
    }
}
