import Fuse
package import Storage

extension Configuration {
    /// Every value that counts, with its origin.
    package var settings: [Setting] {
        let first = [
            setting("instance.name", .word(instance.name)),
            setting("instance.device_type", word(instance.deviceType)),
            setting("instance.listen", .word(instance.listen ?? Running.defaultListen)),
            setting("instance.endpoint", word(instance.endpoint)),
            setting("instance.relays", instance.relays.map { .words($0) } ?? .none),
            setting("instance.tls_certificate", word(instance.tlsCertificate)),
            setting("instance.tls_key", word(instance.tlsKey)),
            setting("instance.tls_authorities", word(instance.tlsAuthorities)),
            setting("instance.responsibilities", instance.responsibilities.map { .words($0) } ?? .none),
        ]
        let between = [
            setting("sync.protocol", .word(sync.protocol ?? "chum")),
            setting("sync.encryption", .flag(true)),
            setting("sync.compression", .flag(sync.compression ?? true)),
        ]
        let last = [
            setting("mount.show", .words(mount.show ?? [])),
            setting("mount.no_fetch", .words(mount.noFetch ?? [])),
            setting("mount.fetch_freely", .words(mount.fetchFreely ?? Self.fetchFreely)),
            setting("mount.fetch_files_per_minute", .count(mount.fetchFilesPerMinute ?? Self.fetchFilesPerMinute)),
            setting(
                "mount.fetch_bytes_per_minute",
                .word(mount.fetchBytesPerMinute ?? Self.fetchBytesPerMinute)
            ),
            setting("mount.fetch_deadline", .word(fetchDeadline.words)),
            setting("mount.no_open", .flag(mount.noOpen ?? false)),
            setting("mount.passthrough", .word((mount.passthrough ?? .auto).rawValue)),
        ]
        let shown = (dashboardSettings + logSettings).map { setting($0.key, $0.value) }
        let dialled = peers.enumerated().map { index, peer in
            let line = lines.line(of: "peers.\(index)") ?? lines["instances.\(peer.name)"]
            let origin: Setting.Origin = line.map { .file(line: $0) } ?? .standard
            return Setting(key: "peers.\(peer.name)", value: .word(peer.endpoint), origin: origin)
        }
        return first + policy.settings + between + last + shown + dialled
    }

    /// Those of the file at a root; of those that count, or only those that were written.
    package static func settings(in root: Root, effective: Bool) throws -> [Setting] {
        let all = try Self(in: root).settings
        return effective ? all : all.filter(\.origin.isWritten)
    }

    private func setting(_ key: String, _ value: Setting.Value) -> Setting {
        Setting(key: key, value: value, origin: lines.line(of: key).map { .file(line: $0) } ?? .standard)
    }

    private func word(_ text: String?) -> Setting.Value { text.map { .word($0) } ?? .none }
}
