import Testing

@testable import Node

/// What an instance keeps, by its role and by what a person wrote, and what is said of what cannot be.
@Suite struct PolicyTests {
    /// Lines 1 to 3; what is tested begins on line 4.
    static func text(_ role: String, _ rest: String = "") -> String {
        "[instance]\nname = \"box\"\nrole = \"\(role)\"\n" + rest
    }

    static func policy(_ role: String, _ rest: String = "") throws -> Policy {
        try Configuration(toml: text(role, rest)).policy
    }

    static func refusal(_ role: String, _ rest: String) -> String {
        let error = #expect(throws: ConfigurationError.self) { try Configuration(toml: text(role, rest)) }
        return error?.description ?? ""
    }

    @Test func theRolesAreThoseOfTheDesign() throws {
        let archive = try Self.policy("archive")
        #expect(archive.keepsEverything && archive.keepAllVersions && archive.pruneStrategy == .never)
        #expect(archive.maxStorage == nil && archive.maxObjectAge == nil && archive.keepRecentDays == nil)
        for name in ["cache", "working-cache"] {
            let cache = try Self.policy(name)
            #expect(cache.role == .cache && !cache.keepsEverything && !cache.keepAllVersions && !cache.essentialsOnly)
            #expect(cache.keepRecentDays == 30 && cache.maxObjectAge == .seconds(30 * 86_400))
            #expect(cache.maxStorage == ByteCount(500_000_000) && cache.pruneStrategy == .lru)
            #expect(cache.prefetch == [.contacts, .recentMessages] && cache.lazy == [.oldMessages, .files])
            #expect(cache.strategies == [.message: .recentFirst, .file: .onDemand, .contact: .fullSync])
        }
        let minimal = try Self.policy("minimal")
        #expect(minimal.essentialsOnly && minimal.essentials == Set(Policy.Essential.allCases))
        #expect(minimal.keepRecentDays == 7 && minimal.maxStorage == ByteCount(50_000_000))
    }

    @Test func presetsAreWithoutConflict() throws {
        for role in Role.allCases {
            let policy = try Self.policy(role.rawValue)
            let preset = Policy.preset(of: role)
            #expect(policy.settings.map(\.value) == preset.settings.map(\.value))
        }
    }

    @Test(arguments: [
        ("keep_all_versions = true", "storage.keep_all_versions", "true"),
        ("keep_all_objects = true", "storage.keep_all_objects", "true"),
        ("keep_recent_days = 90", "storage.keep_recent_days", "90"),
        ("max_object_age = \"5d\"", "storage.max_object_age", "\"5d\""),
        ("max_object_age = \"unlimited\"", "storage.max_object_age", "-"),
        ("max_storage = \"2GB\"", "storage.max_storage", "\"2GB\""),
        ("max_storage = \"unlimited\"", "storage.max_storage", "\"unlimited\""),
        ("prune_strategy = \"never\"", "storage.prune_strategy", "\"never\""),
        ("cache_strategy = \"never\"", "storage.cache_strategy", "\"never\""),
        ("essentials_only = true", "storage.essentials_only", "true"),
        ("essentials = [\"contacts\"]", "storage.essentials", "[\"contacts\"]"),
        ("[load_on_demand]\nprovider = \"attic\"", "load_on_demand.provider", "\"attic\""),
        ("[load_on_demand]\nprefetch = [\"files\"]", "load_on_demand.prefetch", "[\"files\"]"),
        ("[load_on_demand]\nlazy = [\"contacts\"]", "load_on_demand.lazy", "[\"contacts\"]"),
        ("[sync.strategies]\nMessage = \"on-demand\"", "sync.strategies.Message", "\"on-demand\""),
        ("[sync.strategies]\nFile = \"full-sync\"", "sync.strategies.File", "\"full-sync\""),
        ("[sync.strategies]\nContact = \"on-demand\"", "sync.strategies.Contact", "\"on-demand\""),
    ])
    func eachKeyCanBeSetAlone(_ line: String, _ key: String, _ value: String) throws {
        for role in ["cache", "minimal"] {
            let policy = try Self.policy(role, "[storage]\n" + line)
            let setting = try #require(policy.settings.first { $0.key == key })
            #expect(setting.value.description == value)
            #expect(setting.origin == .file(line: 4 + line.split(separator: "\n").count))
        }
    }

    @Test func whatWasNotWrittenFollowsWhatWas() throws {
        let all = try Self.policy("cache", "[storage]\nkeep_all_objects = true")
        #expect(all.maxStorage == nil && all.maxObjectAge == nil && all.keepAllVersions && all.lazy.isEmpty)
        #expect(all.origin(of: .maxStorage) == .following("storage.keep_all_objects"))
        #expect(try Self.policy("cache", "[storage]\nkeep_recent_days = 60").maxObjectAge == .seconds(60 * 86_400))
        #expect(try Self.policy("cache", "[storage]\nmax_object_age = \"10d\"").keepRecentDays == 10)
        let files = try Self.policy("minimal", "[sync.strategies]\nFile = \"full-sync\"")
        #expect(!files.essentialsOnly && files.lazy == [.oldMessages])
        let released = try Self.policy("archive", "[storage]\nkeep_all_objects = false\nmax_storage = \"2GB\"")
        #expect(!released.keepsEverything && released.maxStorage == ByteCount(2_000_000_000))
    }

    @Test(arguments: [
        ("cache", "[storage]\nkeep_all_objects = true\nmax_storage = \"2GB\"", 6, "keep_all_objects"),
        ("archive", "[storage]\nmax_storage = \"2GB\"", 5, "keep_all_objects = false"),
        ("archive", "[storage]\nprune_strategy = \"lru\"", 5, "prunes nothing"),
        ("archive", "[storage]\nkeep_all_versions = false", 5, "old version"),
        ("archive", "[sync.strategies]\nFile = \"on-demand\"", 5, "all of it"),
        ("cache", "[storage]\nprune_strategy = \"never\"\nmax_object_age = \"3d\"", 6, "prune_strategy"),
        ("cache", "[storage]\nmax_object_age = \"3d\"\nkeep_recent_days = 4", 5, "keep_recent_days = 4"),
        ("cache", "[load_on_demand]\nprefetch = [\"files\"]\nlazy = [\"files\"]", 6, "prefetch"),
        ("cache", "[load_on_demand]\nlazy = [\"files\"]\n[sync.strategies]\nFile = \"full-sync\"", 5, "File"),
        ("minimal", "[storage]\nessentials_only = true\n[sync.strategies]\nFile = \"full-sync\"", 5, "essentials"),
    ])
    func whatContradictsIsRefusedWithItsReason(_ role: String, _ rest: String, _ line: Int, _ words: String) {
        let refusal = Self.refusal(role, rest)
        #expect(refusal.hasPrefix("iom.toml, line \(line): "), "\(refusal)")
        #expect(refusal.contains(words), "\(refusal)")
    }

    @Test(arguments: [
        ("[storage]\n\nkeep_recent_day = 3", 6, "`keep_recent_days`"),
        ("[storage]\nmax_storage = \"much\"", 5, "\"500MB\""), ("[storage]\nmax_storage = \"1B\"", 5, "1MB"),
        ("[storage]\nmax_object_age = \"0d\"", 5, "\"30d\""), ("[storage]\nkeep_recent_days = -1", 5, "0 to"),
        ("[storage]\nkeep_recent_days = \"3\"", 5, "whole number"),
        ("[storage]\nessentials = [\n  \"contacts\",\n  \"contact\",\n]", 5, "did you mean \"contacts\"?"),
        ("[storage]\nprune_strategy = \"lruu\"", 5, "did you mean \"lru\"?"),
        ("[sync.strategies]\nMessages = \"recent-first\"", 5, "`Message`"),
        ("[sync.strategies]\nMessage = \"recent\"", 5, "recent-first"),
        ("sync.strategies.File = \"on-demand\"", 4, "belongs above"),
        ("max_storage = \"1GB\"", 4, "belongs in [storage]"),
        ("[load_on_demand]\nlazy = [\"file\"]", 5, "\"files\""), ("[load_on_demand]\nprovidr = \"x\"", 5, "`provider`"),
        ("[[peers]]\nname = \"a\"\nendpoint = \"http://x\"", 6, "ws://"),
        ("[[peers]]\nname = \"a\"\nendpoint = \"ws://x\"\n[[peers]]\nnam = \"b\"", 7, "`peers.1.name` is missing"),
        ("relays = [\"http://x\"]", 4, "wss://relay"), ("relay = \"ws://x\"", 4, "did you mean `relays`?"),
        ("tls_key = \"/k\"", 4, "`tls_certificate`"), ("tls_authorities = \"ca.pem\"", 4, "whole path"),
        ("listen = \"nowhere\"", 4, "host:port"), ("[mount]\nshow = [\"objcts\"]", 5, "objects"),
        ("[mount]\nfetch_deadline = \"0s\"", 5, "10s"), ("[sync]\nencryption = false", 5, "encrypted"),
        ("responsibilities = [\"long-term-archive\"]", 4, "keep_all_objects = true"),
        ("[owner]\nidentity = \"me\"", 5, "64 hex"), ("[storage", 4, ""),
    ])
    func whatIsWrongIsRefusedWithItsLine(_ rest: String, _ line: Int, _ words: String) {
        let refusal = Self.refusal("cache", rest)
        #expect(refusal.hasPrefix("iom.toml, line \(line): "), "\(refusal)")
        #expect(refusal.contains(words), "\(refusal)")
        #expect(!refusal.contains("\n"), "\(refusal)")
    }

    @Test func instancesCanBeListedByName() throws {
        let rest = """
            [instances.box]
            role = "working-cache"
            storage = "300MB"
            retention = "14d"
            endpoint = "indexeddb"
            [instances.attic]
            role = "archive"
            endpoint = "ws://192.0.2.10:8765"
            storage = "unlimited"
            """
        let configuration = try Configuration(toml: Self.text("cache", rest))
        #expect(configuration.policy.maxStorage == ByteCount(300_000_000))
        #expect(configuration.policy.maxObjectAge == .seconds(14 * 86_400))
        #expect(configuration.policy.origin(of: .maxStorage) == .file(line: 6))
        #expect(configuration.peers == [.init(name: "attic", endpoint: "ws://192.0.2.10:8765")])
        #expect(
            Self.refusal("cache", "[instances.box]\nstorage = \"1GB\"\n[storage]\nmax_storage = \"1GB\"").contains(
                "line 5"
            )
        )
    }

    @Test func linesOfKeysAreFoundInEveryForm() throws {
        let text =
            "# c\n\n[storage]  # t\nessentials = [  # a\n\n  \"contacts\",\n]\nmax_storage = \"1GB\"\r\n[a]\nb.c = {d = 1}\n"
        let lines = KeyLines(toml: text)
        #expect(lines.line(of: "storage.essentials") == 4)
        #expect(lines.line(of: "storage.max_storage") == 8)
        #expect(lines.line(of: "a.b.c.d") == 10)
        #expect(lines["storage.nothing"] == 3)
    }
}
