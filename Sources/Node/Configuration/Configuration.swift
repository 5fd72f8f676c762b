package import Fuse

/// What a person wrote in `iom.toml` (design 9); nil where nothing was written, so that the role's preset counts.
///
/// Always decoded strictly: a key that is not listed here is an error.
package struct Configuration: Decodable, Sendable, Equatable {
    package var instance: Instance
    package var storage = Storage()
    package var loadOnDemand = LoadOnDemand()
    package var sync = Sync()
    package var peers: [Peer] = []
    package var mount = Mount()
    package var dashboard = Dashboard()
    package var log = Log()
    /// Whose instances these are; the root must be theirs.
    package var owner: Owner?
    /// Devices by their names, this one and others.
    package var instances: [String: Device] = [:]
    /// Where each key stands.
    package internal(set) var lines = KeyLines()
    /// What all of it amounts to.
    package internal(set) var policy: Policy

    package struct Instance: Decodable, Sendable, Equatable {
        package var name: String
        package var role: Role
        package var deviceType: String?
        /// `host:port` to listen on.
        package var listen: String?
        /// The address other instances should dial, where it differs from `listen`.
        package var endpoint: String?
        /// Relays through which others reach it, too.
        package var relays: [String]?
        /// PEM files: with them it listens for `wss`.
        package var tlsCertificate: String?
        package var tlsKey: String?
        /// PEM file of authorities that may vouch for what is dialled, beside the system's.
        package var tlsAuthorities: String?
        /// What the others may rely on it for.
        package var responsibilities: [String]?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case name, role, listen, endpoint, relays, responsibilities
            case deviceType = "device_type"
            case tlsCertificate = "tls_certificate"
            case tlsKey = "tls_key"
            case tlsAuthorities = "tls_authorities"
        }
    }

    package struct Storage: Decodable, Sendable, Equatable {
        package var keepAllVersions: Bool?
        package var keepAllObjects: Bool?
        package var keepRecentDays: Int?
        package var maxObjectAge: String?
        package var maxStorage: String?
        package var pruneStrategy: String?
        package var cacheStrategy: String?
        package var essentialsOnly: Bool?
        package var essentials: [String]?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case essentials
            case keepAllVersions = "keep_all_versions"
            case keepAllObjects = "keep_all_objects"
            case keepRecentDays = "keep_recent_days"
            case maxObjectAge = "max_object_age"
            case maxStorage = "max_storage"
            case pruneStrategy = "prune_strategy"
            case cacheStrategy = "cache_strategy"
            case essentialsOnly = "essentials_only"
        }
    }

    package struct LoadOnDemand: Decodable, Sendable, Equatable {
        /// Name of the peer that is asked first.
        package var provider: String?
        package var prefetch: [String]?
        package var lazy: [String]?

        enum CodingKeys: String, CodingKey, CaseIterable { case provider, prefetch, lazy }
    }

    package struct Sync: Decodable, Sendable, Equatable {
        package var `protocol`: String?
        package var encryption: Bool?
        package var compression: Bool?
        package var strategies: [String: String]?

        enum CodingKeys: String, CodingKey, CaseIterable { case `protocol`, encryption, compression, strategies }
    }

    package struct Peer: Decodable, Sendable, Equatable {
        package var name: String
        package var endpoint: String

        package init(name: String, endpoint: String) { (self.name, self.endpoint) = (name, endpoint) }

        enum CodingKeys: String, CodingKey, CaseIterable { case name, endpoint }
    }

    package struct Owner: Decodable, Sendable, Equatable {
        /// ID hash of the Person, in hex digits.
        package var identity: String?
        /// The key registrations are signed with, in hex digits.
        package var publicKey: String?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case identity
            case publicKey = "public_key"
        }
    }

    package struct Device: Decodable, Sendable, Equatable {
        package var role: Role?
        package var endpoint: String?
        /// `max_storage` by its other name.
        package var storage: String?
        /// `max_object_age` by its other name.
        package var retention: String?

        enum CodingKeys: String, CodingKey, CaseIterable { case role, endpoint, storage, retention }
    }

    package struct Mount: Decodable, Sendable, Equatable {
        package var show: [String]?
        package var noFetch: [String]?
        package var fetchFreely: [String]?
        /// 0: no limit.
        package var fetchFilesPerMinute: Int?
        /// A size, or "unlimited".
        package var fetchBytesPerMinute: String?
        package var fetchDeadline: String?
        package var passthrough: Passthrough?
        package var noOpen: Bool?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case show, passthrough
            case noFetch = "no_fetch"
            case fetchFreely = "fetch_freely"
            case fetchFilesPerMinute = "fetch_files_per_minute"
            case fetchBytesPerMinute = "fetch_bytes_per_minute"
            case noOpen = "no_open"
            case fetchDeadline = "fetch_deadline"
        }
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case instance, storage, sync, peers, mount, dashboard, log, owner, instances
        case loadOnDemand = "load_on_demand"
    }
}

/// What an instance is for (design 1).
package enum Role: String, Sendable, CaseIterable, Codable {
    /// Keeps everything.
    case archive
    /// Keeps what it has room for; `working-cache` is another word for it.
    case cache
    /// Keeps the essentials.
    case minimal

    package init?(name: String) { self.init(rawValue: name == "working-cache" ? "cache" : name) }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let role = Self(name: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "a role is archive, cache (or working-cache) or minimal"
            )
        }
        self = role
    }
}

extension Configuration {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        instance = try container.decode(Instance.self, forKey: .instance)
        storage = try container.decodeIfPresent(Storage.self, forKey: .storage) ?? Storage()
        loadOnDemand = try container.decodeIfPresent(LoadOnDemand.self, forKey: .loadOnDemand) ?? LoadOnDemand()
        sync = try container.decodeIfPresent(Sync.self, forKey: .sync) ?? Sync()
        peers = try container.decodeIfPresent([Peer].self, forKey: .peers) ?? []
        mount = try container.decodeIfPresent(Mount.self, forKey: .mount) ?? Mount()
        dashboard = try container.decodeIfPresent(Dashboard.self, forKey: .dashboard) ?? Dashboard()
        log = try container.decodeIfPresent(Log.self, forKey: .log) ?? Log()
        owner = try container.decodeIfPresent(Owner.self, forKey: .owner)
        instances = try container.decodeIfPresent([String: Device].self, forKey: .instances) ?? [:]
        policy = .preset(of: instance.role)
    }
}
