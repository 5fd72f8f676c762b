import Foundation
import Objects
import Synchronization

@testable import Peers

/// The recorded material of one-protocol 9.
enum Fixtures {
    static let wire: URL = {
        if let path = ProcessInfo.processInfo.environment["IOM_FIXTURES"] {
            return URL(fileURLWithPath: path).appendingPathComponent("one-wire")
        }
        return shared.appendingPathComponent("fixtures/one-wire")
    }()

    /// Programs to test against; nil if they are not on this machine.
    static let tools: URL? = {
        let path = ProcessInfo.processInfo.environment["IOM_TOOLS"]
        let folder = path.map { URL(fileURLWithPath: $0) } ?? shared.appendingPathComponent("tools")
        let isThere = FileManager.default.fileExists(atPath: folder.appendingPathComponent("wsraw.py").path)
        return isThere ? folder : nil
    }()

    private static var shared: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("shared")
    }

    static func vectors<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(contentsOf: wire.appendingPathComponent("vectors.json")))
    }

    /// The lines of the recorded sessions.
    static func sessions() throws -> [String: [SessionLine]] {
        let files = try FileManager.default.contentsOfDirectory(at: wire, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "jsonl" }
        return try Dictionary(
            uniqueKeysWithValues: files.map { file in
                let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
                return (
                    file.lastPathComponent,
                    try lines.map { try JSONDecoder().decode(SessionLine.self, from: Data($0.utf8)) }
                )
            })
    }
}

/// One line of a recorded session.
struct SessionLine: Decodable {
    var seq: Int
    var conn: Int
    var layer: String
    var dir: String
    var kind: String?
    var len: Int?
    var json: JSONValue?
    var text: String?
    var hex: String?
    var note: String?
    var sharedKey: String?
    var localNonceStart: UInt64?
    var remoteNonceStart: UInt64?
    var nonceCounter: UInt64?

    /// The bytes of a binary message if they were recorded whole.
    var bytes: [UInt8]? {
        guard kind == "binary", let hex, let bytes = Hex.bytes(hex), bytes.count == len else { return nil }
        return bytes
    }
}

func bytes(_ hex: String) -> [UInt8] { Hex.bytes(hex) ?? [] }

/// Gives out prepared bytes: to seal with the padding and the nonces of a recording.
final class RecordedRandom: RandomSource {
    private let pieces: [[UInt8]]
    private let index = Atomic<Int>(0)

    init(_ pieces: [[UInt8]]) { self.pieces = pieces }

    func bytes(_ count: Int) -> [UInt8] {
        let piece = pieces[index.wrappingAdd(1, ordering: .relaxed).oldValue]
        precondition(piece.count == count)
        return piece
    }
}
