import Objects
import SystemPackage

/// The files under `files/` of the instance that is measured, by the parts that rows need.
enum SampleTree {
    /// A file of the tree, whose bytes are an object.
    struct File: Codable, Sendable {
        /// Relative to the top of the tree.
        var path: FilePath
        var hash: ObjectHash

        init(path: FilePath, hash: ObjectHash) { (self.path, self.hash) = (path, hash) }

        init(from decoder: any Decoder) throws {
            var values = try decoder.unkeyedContainer()
            self.init(path: FilePath(try values.decode(String.self)), hash: try values.decode(ObjectHash.self))
        }

        func encode(to encoder: any Encoder) throws {
            var values = encoder.unkeyedContainer()
            try values.encode(path.string)
            try values.encode(hash)
        }
    }

    /// What rows compare with the same files on ext4.
    enum Shown: String, CaseIterable {
        /// Files of 1 to 8 KiB; many that are only listed; small and larger ones; a large one.
        case small = "many"
        case listed, mixed
        case large = "large.bin"

        /// Relative to the top of the tree.
        var path: FilePath { FilePath("files/\(rawValue)") }
    }

    /// Files that only the instance has, for those who fetch them: other ones in each round.
    enum Fetched: String {
        /// Small ones: fetched in one command, read one by one, read by many at once, had, and waited for in vain.
        case folder, serial, parallel, local, stuck
        case large, headed
        /// The same one in all rounds.
        case video

        func name(_ round: Int) -> String { "\(rawValue)-\(round)" }

        /// Relative to the top of the tree.
        func path(_ round: Int) -> FilePath { FilePath("files/fetch/\(name(round))") }

        func count(_ scale: Scale) -> Int {
            switch self {
            case .folder, .parallel: scale.fetchCount
            case .serial, .local: scale.serialFetchCount
            case .stuck: scale.stuckCount
            case .large, .video: 1
            case .headed: scale.headedCount + 1
            }
        }

        func byteCount(_ scale: Scale) -> Int {
            switch self {
            case .folder, .serial, .parallel, .local, .stuck: scale.objectByteCount
            case .large: scale.largeByteCount
            case .headed: scale.headedByteCount
            case .video: 4 * scale.largeByteCount
            }
        }

        func rounds(_ rounds: Int) -> Int { self == .video ? 1 : rounds }

        func paths(_ round: Int, _ scale: Scale) -> [FilePath] {
            (0..<count(scale)).map { path(round).appending("\($0)") }
        }
    }
}

/// What has to be there before a row is run.
enum Need: Hashable {
    case shown(SampleTree.Shown)
    case fetched(SampleTree.Fetched)
    /// The world of many objects.
    case world

    static let small = shown(.small)
    static let listed = shown(.listed)
    static let mixed = shown(.mixed)
    static let large = shown(.large)
}
