import Foundation
import Testing

/// What the compiler does not check: the arrows between modules, sizes, and words that do not belong here.
@Suite struct TidyTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Which modules of ours each module may import.
    ///
    /// An arrow that is not here does not exist.
    static let arrows: [String: Set<String>] = [
        "Objects": ["CCrypto", "CSodium"],
        "Storage": ["CLinux", "Objects"],
        "Catalog": ["Objects"],
        "Peers": ["CZlib", "Objects"],
        "Views": ["Objects"],
        "Fuse": ["CFuse", "CLinux", "Objects", "Views"],
        "Node": ["CLinux", "CZlib", "Catalog", "Fuse", "Objects", "Peers", "Storage", "Views"],
        "Dashboard": ["Catalog", "Node", "Objects"],
        "iom": ["Dashboard", "Node", "Objects", "Storage"],
        "Bench": ["CLinux", "Catalog", "Node", "Objects", "Peers", "Storage"],
    ]
    static let ours = Set(arrows.keys).union(["CCrypto", "CFuse", "CLinux", "CSodium", "CZlib"])

    static func files(in folder: String) -> [URL] {
        let start = root.appending(path: folder)
        let walk = FileManager.default.enumerator(at: start, includingPropertiesForKeys: nil)
        return (walk?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "swift" }
    }

    static func lines(of file: URL) throws -> [Substring] {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
    }

    @Test func importsFollowTheArrows() throws {
        for (module, allowed) in Self.arrows {
            let files = Self.files(in: "Sources/\(module)")
            #expect(!files.isEmpty, "Sources/\(module) has nothing in it")
            for file in files {
                for line in try Self.lines(of: file) {
                    guard let imported = Self.imported(by: line), Self.ours.contains(imported) else { continue }
                    #expect(
                        allowed.contains(imported),
                        "\(module)/\(file.lastPathComponent) imports \(imported), against the arrows"
                    )
                }
            }
        }
    }

    @Test func anImportIsRecognised() {
        #expect(Self.imported(by: "package import Storage") == "Storage")
        #expect(Self.imported(by: "import struct Foundation.Data") == "Foundation")
        #expect(Self.imported(by: "// import Storage") == nil)
    }

    private static func imported(by line: Substring) -> String? {
        var words = line.split(separator: " ")[...]
        if ["package", "internal", "private", "public", "@testable", "@preconcurrency"].contains(words.first) {
            words = words.dropFirst()
        }
        guard words.first == "import" else { return nil }
        words = words.dropFirst()
        if ["struct", "class", "enum", "func", "protocol", "typealias"].contains(words.first) {
            words = words.dropFirst()
        }
        return words.first.map { String($0.prefix { $0 != "." }) }
    }

    @Test func filesAreSmall() throws {
        for file in Self.files(in: "Sources") {
            let count = try Self.lines(of: file).count
            #expect(
                count <= 301,
                "\(file.lastPathComponent) has \(count) lines: which subject in it wants a file of its own?"
            )
        }
    }

    @Test func namesAreNouns() {
        let banned = ["Utils", "Helpers", "Common", "Core", "Manager", "Extras"]
        for file in Self.files(in: "Sources") {
            let name = file.deletingPathExtension().lastPathComponent
            #expect(!banned.contains { name.contains($0) }, "\(file.lastPathComponent) says nothing about its subject")
        }
    }

    @Test func nothingIsForcedOrLeftOpen() throws {
        // Named here to be looked for in Sources: what traps, what is unfinished, and time or threads past the seams.
        let banned = ["try!", "as!", "TODO", "FIXME", "Task.detached", "Thread.sleep", "DispatchQueue", "Date()"]
        for file in Self.files(in: "Sources") {
            for (number, line) in try Self.lines(of: file).enumerated() {
                for word in banned {
                    #expect(!line.contains(word), "\(file.lastPathComponent):\(number + 1) has \(word)")
                }
            }
        }
    }
}
