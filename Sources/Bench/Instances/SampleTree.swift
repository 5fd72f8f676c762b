import Objects
import SystemPackage

/// The files under `files/` of the instance that is measured.
struct SampleTree: Sendable {
    /// A file of the tree, whose bytes are an object.
    struct File: Sendable {
        /// Relative to the top of the tree.
        var path: FilePath
        var hash: ObjectHash
    }

    /// The files of 1 to 8 KiB.
    let small: [File]
    let large: File
    /// Many files that are only listed.
    let listed: [File]
    /// Small and larger ones.
    let mixed: [File]

    static let smallFolder: FilePath = "files/many"
    static let listedFolder: FilePath = "files/listed"
    static let mixedFolder: FilePath = "files/mixed"
    static let largePath: FilePath = "files/large.bin"

    /// Files that only the instance has, for those who fetch them: other ones in each round.
    enum Fetched: String, CaseIterable {
        /// Small ones: fetched in one command, read one by one, read by many at once, had, and waited for in vain.
        case folder, serial, parallel, local, stuck
        case large, headed

        /// Under `files/`.
        func folder(_ round: Int) -> String { "fetch/\(rawValue)-\(round)" }

        /// Relative to the top of the tree.
        func path(_ round: Int) -> FilePath { FilePath("files/\(folder(round))") }

        func count(_ scale: Scale) -> Int {
            switch self {
            case .folder, .parallel: scale.fetchCount
            case .serial, .local: scale.serialFetchCount
            case .stuck: scale.stuckCount
            case .large: 1
            case .headed: scale.headedCount + 1
            }
        }

        func byteCount(_ scale: Scale) -> Int {
            switch self {
            case .folder, .serial, .parallel, .local, .stuck: scale.objectByteCount
            case .large: scale.largeByteCount
            case .headed: scale.headedByteCount
            }
        }

        func paths(_ round: Int, _ scale: Scale) -> [FilePath] {
            (0..<count(scale)).map { path(round).appending("\($0)") }
        }
    }
}
