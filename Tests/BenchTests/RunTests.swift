import Foundation
import Testing

@testable import Bench

/// The program itself, as people run it.
@Suite(.serialized, .enabled(if: access("/dev/fuse", R_OK | W_OK) == 0)) struct RunTests {
    private struct Line: Decodable {
        var row: String?
        var medians: [String: Double]?
        var failures: [String]?
        var notes: [String]?
    }

    /// Its lines and exit code; it works in a folder that is empty again afterwards.
    private func run(_ arguments: String...) throws -> (lines: [Line], exitCode: Int32) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "bench-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let process = Process()
        let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(fileURLWithPath: bundle).deletingLastPathComponent().appending(path: "Bench")
        process.arguments = arguments + ["--json", "--directory", folder.path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty, "it has left something")
        let decoder = JSONDecoder()
        let lines = try bytes.split(separator: UInt8(ascii: "\n")).map { try decoder.decode(Line.self, from: $0) }
        return (lines, process.terminationStatus)
    }

    @Test func everyRowIsMeasured() throws {
        let (lines, exitCode) = try run("all", "--scale", "tiny", "--rounds", "1", "--no-peers")
        #expect(lines.compactMap(\.row) == Row.all.map(\.name))
        for line in lines where line.row != nil {
            #expect(line.failures == [], "\(line.row ?? "")")
            #expect(line.medians?["iom"].map { $0.isFinite && $0 >= 0 } == true, "\(line.row ?? "")")
        }
        #expect(exitCode == 0)
    }

    @Test func aRowThatDoesNotExistIsRefused() throws {
        let (lines, exitCode) = try run("no-such-row")
        #expect(lines.isEmpty)
        #expect(exitCode == 64)
    }
}
