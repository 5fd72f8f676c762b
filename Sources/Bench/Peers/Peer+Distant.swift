import SystemPackage

extension Peer {
    /// sshfs and sshd over loopback.
    static let sshfs = Peer(contender: .sshfs, programs: ["sshfs", "sshd", "ssh-keygen"], isSlow: true) { place in
        let (hostKey, key) = (place.path("host-key").string, place.path("key").string)
        for path in [hostKey, key] { try Program("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path).run() }
        // sshd wants its folder, and strict modes want a home that only we can write to.
        try PlainTree.makeDirectories("/run/sshd")
        var server = Program("/usr/sbin/sshd", "-D", "-f", "/dev/null", "-p", sshPort, "-h", hostKey)
        for option in [
            "ListenAddress=127.0.0.1", "AuthorizedKeysFile=\(key).pub", "StrictModes=no", "PidFile=none",
            "PermitRootLogin=yes", "Subsystem=sftp internal-sftp",
        ] { server.words += ["-o", option] }
        try place.start(server)
        var client = Program("sshfs", "-f", "root@127.0.0.1:\(place.source)", place.mountPoint.string, "-p", sshPort)
        for option in [
            "IdentityFile=\(key)", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "reconnect",
        ] { client.words += ["-o", option] }
        try await Task.sleep(for: serverPause)
        try place.start(client)
        try await place.wait(.sshfs, at: place.mountPoint, .copy(place.source), isSlow: true)
    }

    /// rclone over WebDAV on loopback, with its full cache.
    static let rclone = Peer(contender: .rclone, programs: ["rclone"], isSlow: true) { place in
        let cache = place.path("cache")
        let home = ["HOME": place.folder.string]
        let address = "127.0.0.1:\(rclonePort)"
        try place.start(
            Program("rclone", "serve", "webdav", place.source.string, "--addr", address, variables: home)
        )
        try await Task.sleep(for: serverPause)
        var client = Program("rclone", "mount", ":webdav:", place.mountPoint.string, variables: home)
        client.words += ["--webdav-url", "http://\(address)", "--vfs-cache-mode", "full", "--cache-dir", cache.string]
        try place.start(client)
        try await place.wait(.rclone, at: place.mountPoint, .copy(place.source), isSlow: true)
    }

    static let restic = Peer(contender: .restic, programs: ["restic"], isSlow: true) { place in
        let repository = place.path("repository")
        let variables = [
            "RESTIC_PASSWORD": "bench", "RESTIC_REPOSITORY": repository.string, "HOME": place.folder.string,
            "XDG_CACHE_HOME": place.path("cache").string,
        ]
        _ = try Program("restic", "init", variables: variables).output()
        var backup = Program("restic", "backup", "--quiet", variables: variables)
        backup.words += archived(place)
        _ = try backup.output()
        try place.start(Program("restic", "mount", place.mountPoint.string, variables: variables))
        let snapshots = place.mountPoint.appending("snapshots")
        try await place.wait(.restic, for: snapshots.appending("latest"))
        let top = snapshots.appending("latest").pushing(place.source.removingRoot())
        try await place.wait(.restic, at: top, .folder(repository), isSlow: true)
    }

    static let borg = Peer(contender: .borg, programs: ["borg"], isSlow: true) { place in
        let repository = place.path("repository")
        let variables = ["HOME": place.folder.string, "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes"]
        _ = try Program("borg", "init", "-e", "none", repository.string, variables: variables).output()
        var backup = Program("borg", "create", "\(repository)::tree", variables: variables)
        backup.words += archived(place)
        _ = try backup.output()
        let archive = "\(repository)::tree"
        try place.start(Program("borg", "mount", "-f", archive, place.mountPoint.string, variables: variables))
        let top = place.mountPoint.pushing(place.source.removingRoot())
        try await place.wait(.borg, at: top, .folder(repository), isSlow: true)
    }

    private static let sshPort = "20022"
    private static let rclonePort = "20080"
    /// Until a server listens.
    private static let serverPause = Duration.milliseconds(500)

    private static func archived(_ place: PeerPlace) -> [String] {
        [SampleTree.Shown.small, .large].map { place.source.pushing($0.path) }.filter(PlainFile.exists).map(\.string)
    }
}

extension Contender {
    static let sshfs: Self = "sshfs"
    static let rclone: Self = "rclone"
    static let restic: Self = "restic"
    static let borg: Self = "borg"
}
