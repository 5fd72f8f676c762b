import Testing

@testable import Node

/// What a person may write into `iom.toml`, and what is said when it is wrong.
@Suite struct ConfigurationTests {
    static let instance = "[instance]\nname = \"box\"\nrole = \"archive\"\n"

    @Test func everyKeyOfTheDesignIsAccepted() throws {
        let text = """
            [instance]
            name = "laptop"
            role = "working-cache"
            device_type = "desktop"
            [storage]
            keep_all_versions = false
            keep_all_objects = false
            keep_recent_days = 30
            max_object_age = "30d"
            max_storage = "500MB"
            prune_strategy = "lru"
            cache_strategy = "lru"
            essentials_only = false
            essentials = ["active-conversations", "recent-messages", "user-profile", "contacts"]
            [load_on_demand]
            provider = "archive-at-home"
            prefetch = ["contacts", "recent-messages"]
            lazy = ["old-messages", "files"]
            [sync]
            protocol = "chum"
            encryption = true
            compression = true
            [sync.strategies]
            Message = "recent-first"
            File = "on-demand"
            Contact = "full-sync"
            [[peers]]
            name = "archive-at-home"
            endpoint = "ws://192.0.2.10:8765"
            [mount]
            no_fetch = ["updatedb"]
            fetch_deadline = "2500ms"
            passthrough = "off"
            no_open = true
            """
        let configuration = try Configuration(toml: text)
        #expect(configuration.instance.role == .cache)
        #expect(configuration.fetchDeadline == .milliseconds(2500))
        #expect(configuration.peers == [.init(name: "archive-at-home", endpoint: "ws://192.0.2.10:8765")])
        #expect(configuration.policy.strategy(of: .file) == .onDemand)
        #expect(!configuration.policy.keepsEverything)
    }

    @Test(arguments: [
        ("[storage]\nkeep_recent_day = 3", "keep_recent_days"), ("[mount]\nfetch_dedline = \"1s\"", "fetch_deadline"),
        ("[mount]\npassthrouhg = \"on\"", "passthrough"),
        ("[instanc]\nname = \"x\"", "instance"),
    ])
    func anUnknownKeyNamesTheNearest(_ text: String, _ nearest: String) {
        let error = #expect(throws: ConfigurationError.self) { try Configuration(toml: Self.instance + text) }
        #expect(error?.description.contains("`\(nearest)`") == true)
    }

    @Test(arguments: [
        "[sync]\nencryption = false", "[sync]\nprotocol = \"http\"", "[mount]\nfetch_deadline = \"soon\"",
        "[storage]\nmax_storage = \"much\"", "[storage]\nkeep_recent_days = -1", "[storage]\nprune_strategy = \"some\"",
        "[storage]\nkeep_recent_days = \"3\"", "[storage",
    ])
    func whatCannotBeIsRefusedInOneSentence(_ text: String) {
        let error = #expect(throws: ConfigurationError.self) { try Configuration(toml: Self.instance + text) }
        #expect(error?.description.hasPrefix("iom.toml") == true)
        #expect(error?.description.contains("\n") == false)
    }

    @Test(arguments: ["plain", "with \"quotes\" and \\", "tab\tand\u{7F}", "Übung 🏕"])
    func theTemplateSaysWhatItWasMadeOf(_ name: String) throws {
        let peer = Configuration.Peer(name: name, endpoint: "ws://[::1]:1")
        let text = Configuration.template(name: name, role: .minimal, deviceType: name, peers: [peer])
        let configuration = try Configuration(toml: text)
        #expect(configuration.instance.name == name)
        #expect(configuration.instance.deviceType == name)
        #expect(configuration.instance.role == .minimal)
        #expect(configuration.peers == [peer])
    }

    @Test func sizesAndDurations() {
        #expect(ByteCount(words: "500MB")?.value == 500_000_000)
        #expect(ByteCount(words: "9223372036854775807TB") == nil)
        #expect(ByteCount(1_234_567).description == "1.23 MB")
        #expect(ByteCount(999).description == "999 B")
        #expect(Duration(words: "30d") == .seconds(30 * 86_400))
        #expect(Duration(words: "-1s") == nil)
        #expect(Duration(words: "9223372036854775807d") == nil)
    }
}
