import Objects
import Peers

extension Configuration {
    /// What the types cannot say about what is no policy.
    func check() throws(ConfigurationError) {
        try checkInstance()
        try checkReach()
        try checkSync()
        try checkMount()
        try checkDashboard()
        try checkLog()
        try checkPeers()
        try checkOwner()
    }

    func refusal(_ key: String, _ words: String) -> ConfigurationError {
        ConfigurationError(line: lines[key], "`\(key)` \(words)")
    }

    private func checkInstance() throws(ConfigurationError) {
        if instance.name.isEmpty { throw refusal("instance.name", "is empty") }
        if let endpoint = instance.endpoint, Endpoint(url: endpoint) == nil {
            throw refusal(
                "instance.endpoint",
                "cannot be \"\(endpoint)\": it is an address such as ws://192.0.2.10:8765"
            )
        }
        if let listen = instance.listen {
            do {
                _ = try Listening(words: listen)
            } catch {
                throw refusal("instance.listen", "cannot be \"\(listen)\": it is host:port, such as 127.0.0.1:8765")
            }
        }
    }

    private func checkSync() throws(ConfigurationError) {
        if sync.encryption == false {
            throw refusal("sync.encryption", "cannot be false: everything between instances is encrypted")
        }
        if let `protocol` = sync.protocol, `protocol` != "chum" {
            throw refusal("sync.protocol", "cannot be \"\(`protocol`)\": it can only be \"chum\"")
        }
    }

    private func checkMount() throws(ConfigurationError) {
        if let text = mount.fetchDeadline, Duration(words: text).map({ $0 > .zero }) != true {
            throw refusal("mount.fetch_deadline", "cannot be \"\(text)\": it is a duration such as \"10s\"")
        }
        if let count = mount.fetchFilesPerMinute, count < 0 {
            throw refusal(
                "mount.fetch_files_per_minute",
                "cannot be \(count): it is a number of files, or 0 for no limit"
            )
        }
        if let text = mount.fetchBytesPerMinute, text != "unlimited",
            ByteCount(words: text).map({ $0.value > 0 }) != true
        {
            throw refusal(
                "mount.fetch_bytes_per_minute",
                "cannot be \"\(text)\": it is a size such as \"10GB\", or \"unlimited\""
            )
        }
        do {
            try MountOptions.check(mount.show ?? [])
        } catch {
            throw refusal("mount.show", "is wrong: \(error)")
        }
    }

    private func checkPeers() throws(ConfigurationError) {
        for (index, peer) in peers.enumerated() where Endpoint(url: peer.endpoint) == nil {
            let words = "cannot be \"\(peer.endpoint)\": it is an address such as ws://192.0.2.10:8765"
            let line = lines["peers.\(index).endpoint"]
            throw ConfigurationError(line: line, "the endpoint of the peer \(peer.name) \(words)")
        }
    }

    private func checkOwner() throws(ConfigurationError) {
        if let text = owner?.identity, ObjectHash(hex: text) == nil {
            throw refusal("owner.identity", "cannot be \"\(text)\": it is 64 hex digits, as `iom status --json` shows")
        }
        if let text = owner?.publicKey, Hex.bytes(text)?.count != 32 {
            throw refusal("owner.public_key", "cannot be \"\(text)\": it is 64 hex digits")
        }
    }

    /// Refuses a root that belongs to somebody else than `[owner]` says.
    func requireOwner(_ id: IDHash, key: [UInt8]) throws(ConfigurationError) {
        if let text = owner?.identity, text.lowercased() != id.hex {
            throw refusal("owner.identity", "is not the owner of this root, who is \(id.hex)")
        }
        if let text = owner?.publicKey, Hex.bytes(text) != key {
            throw refusal("owner.public_key", "is not the key of this root's owner, which is \(Hex.text(key))")
        }
    }
}
