import Foundation
import Objects

/// The files written by running ONE's reference implementation (one-format 11).
enum Fixtures {
    static let directory: URL = {
        if let path = ProcessInfo.processInfo.environment["IOM_FIXTURES"] {
            return URL(fileURLWithPath: path, isDirectory: true)
        }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return root.appendingPathComponent("../shared/fixtures", isDirectory: true)
    }()

    static func bytes(_ path: String) throws -> [UInt8] {
        try Array(Data(contentsOf: directory.appendingPathComponent(path)))
    }

    /// A file of one JSON value.
    static func json(_ path: String) throws -> JSON { try JSON(bytes: bytes(path)) }

    /// A file of one JSON value a line.
    static func lines(_ path: String) throws -> [JSON] {
        try bytes(path).split(separator: UInt8(ascii: "\n")).map { try JSON(bytes: Array($0)) }
    }

    /// All object files of a storage directory, by name.
    static func objects(_ path: String) throws -> [(name: String, bytes: [UInt8])] {
        try files(path, in: "objects")
    }

    /// All files of the folders of this name, by name.
    static func files(_ path: String, in folder: String) throws -> [(name: String, bytes: [UInt8])] {
        let base = directory.appendingPathComponent(path)
        let files = FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil)
        return try (files?.compactMap { $0 as? URL } ?? [])
            .filter { $0.deletingLastPathComponent().lastPathComponent == folder }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
            .map { ($0.lastPathComponent, try Array(Data(contentsOf: $0))) }
    }
}

/// What a fixture does not have in the form that was expected.
struct FixtureError: Error {
    var reason: String
    init(_ reason: String) { self.reason = reason }
}

extension JSON {
    /// The text of a string; unpaired surrogates are U+FFFD.
    var text: String? {
        guard case .string(let text) = self else { return nil }
        return text.text
    }

    var items: [JSON]? {
        guard case .array(let items) = self else { return nil }
        return items
    }

    var members: [Member]? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    var isTrue: Bool { self == .boolean(true) }

    func text(_ key: String) throws -> String {
        guard let text = self[key]?.text else { throw FixtureError("no text \(key)") }
        return text
    }

    func bytes(_ key: String) throws -> [UInt8] { Array(try text(key).utf8) }

    func hexBytes(_ key: String) throws -> [UInt8] {
        guard let bytes = Hex.bytes(try text(key)) else { throw FixtureError("no hexadecimal text \(key)") }
        return bytes
    }
}
