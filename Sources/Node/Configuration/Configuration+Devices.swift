import Peers

extension Configuration {
    /// Takes what `[instances.NAME]` says as what it means: of this device, its role and limits; of others, peers.
    mutating func readDevices() throws(ConfigurationError) {
        for (name, device) in instances.sorted(by: { $0.key < $1.key }) {
            let table = "instances.\(name)"
            if name == instance.name {
                try adopt(device, in: table)
            } else if let endpoint = device.endpoint, Endpoint(url: endpoint) != nil {
                if !peers.contains(where: { $0.name == name }) { peers.append(Peer(name: name, endpoint: endpoint)) }
            }
        }
    }

    private mutating func adopt(_ device: Device, in table: String) throws(ConfigurationError) {
        if let role = device.role, role != instance.role {
            let words = "`\(table).role` is \(role.rawValue), and `instance.role` is \(instance.role.rawValue)"
            throw ConfigurationError(line: lines["\(table).role"], "\(words); make them the same")
        }
        try adopt(device.storage, as: \.maxStorage, .maxStorage, from: "\(table).storage")
        try adopt(device.retention, as: \.maxObjectAge, .maxObjectAge, from: "\(table).retention")
        if let endpoint = device.endpoint, Endpoint(url: endpoint) != nil, instance.endpoint == nil {
            instance.endpoint = endpoint
        }
    }

    private mutating func adopt(
        _ value: String?,
        as path: WritableKeyPath<Storage, String?>,
        _ key: PolicyKey,
        from place: String
    ) throws(ConfigurationError) {
        guard let value else { return }
        guard storage[keyPath: path] == nil else {
            throw ConfigurationError(line: lines[place], "`\(place)` and `\(key.rawValue)` say the same; take one out")
        }
        storage[keyPath: path] = value
        lines.name(place, as: key.rawValue)
    }

    /// What others may rely on an instance for.
    private enum Responsibility: String, CaseIterable {
        case longTermArchive = "long-term-archive"
        case versionHistory = "version-history"
        case largeFileStorage = "large-file-storage"
        case backupProvider = "backup-provider"

        func isMet(by policy: Policy) -> Bool {
            switch self {
            case .longTermArchive, .backupProvider: policy.keepAllObjects
            case .versionHistory: policy.keepAllVersions
            case .largeFileStorage: policy.strategy(of: .file) == .fullSync
            }
        }

        var need: String {
            switch self {
            case .longTermArchive, .backupProvider: "storage.keep_all_objects = true"
            case .versionHistory: "storage.keep_all_versions = true"
            case .largeFileStorage: "sync.strategies.File = \"full-sync\""
            }
        }
    }

    /// Refuses a responsibility that the policy does not meet.
    func checkResponsibilities() throws(ConfigurationError) {
        for name in instance.responsibilities ?? [] {
            let line = lines["instance.responsibilities"]
            guard let responsibility = Responsibility(rawValue: name) else {
                let all = Responsibility.allCases.map(\.rawValue)
                let nearest = Spelling.nearest(to: name, among: all).map { "; did you mean \"\($0)\"?" } ?? ""
                throw ConfigurationError(line: line, "there is no responsibility \"\(name)\"\(nearest)")
            }
            if !responsibility.isMet(by: policy) {
                let role = "the role \(instance.role.rawValue) as set here"
                let words = "\(role) does not meet the responsibility \"\(name)\": it needs `\(responsibility.need)`"
                throw ConfigurationError(line: line, words)
            }
        }
    }
}
