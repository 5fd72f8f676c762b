import Fuse
import Peers

/// Which versions meet here.
struct VersionFacts: Sendable {
    /// Of this program, and of the node that runs on the root.
    var program = ProgramVersion.text
    var node: String?
    /// Of what own instances speak.
    var protocolNumber = Hello.currentVersion
    /// Of connected instances, by name; nil: not told.
    var peers: [String: Int?] = [:]
    var kernel = FuseVersions.kernel
    var library = FuseVersions.library
    var mending: Mending

    /// Files are read by the kernel itself since then (include/uapi/linux/fuse.h, FUSE_PASSTHROUGH).
    private static let passthroughSince = (6, 9)
    /// Without `FUSE_CACHE_SYMLINKS` and larger requests everything is slower, and nobody has tried it.
    private static let kernelMin = (5, 4)

    var findings: [Finding] {
        let words = "iom \(program), protocol \(protocolNumber), Linux \(kernel), libfuse \(library)"
        return [kernelFinding(words), nodeFinding].compactMap(\.self)
            + peers.sorted { $0.key < $1.key }.compactMap { peerFinding($0.key, $0.value) }
    }

    private func kernelFinding(_ words: String) -> Finding {
        let numbers = kernel.split(whereSeparator: { !$0.isNumber }).prefix(2).compactMap { Int($0) }
        guard numbers.count == 2 else { return .unknown(.versions, "\(words): which Linux this is cannot be told") }
        let release = (numbers[0], numbers[1])
        if release < Self.kernelMin {
            return .warning(
                .versions,
                "\(words): iom is not tried on a Linux before \(Self.kernelMin.0).\(Self.kernelMin.1)",
                mend: "sudo apt-get install linux-image-amd64"
            )
        }
        let note = release < Self.passthroughSince ? ", which passes no files through (6.9 does)" : ""
        return .ok(.versions, words + note)
    }

    private var nodeFinding: Finding? {
        guard let node, node != program else { return nil }
        return .warning(
            .versions,
            "the running node is iom \(node), and this program is iom \(program): start the node again",
            mend: mending.restart()
        )
    }

    private func peerFinding(_ name: String, _ number: Int?) -> Finding? {
        guard let number else { return .unknown(.versions, "\(name) has not told which protocol it speaks") }
        if number == protocolNumber { return nil }
        let older = number < protocolNumber ? name : "this device"
        return .warning(
            .versions,
            "\(name) speaks protocol \(number), and this device \(protocolNumber): install a newer iom on \(older)"
        )
    }
}
