import Foundation
import Testing

@testable import Bench

/// The program itself, as people run it.
@Suite(.serialized, .enabled(if: access("/dev/fuse", R_OK | W_OK) == 0)) struct RunTests {
    private struct Line: Decodable {
        var row: String?
        var medians: [String: Double]?
        var failures: [String]?
    }

    /// A run in a folder of its own, which is empty again and has no mounts when the run has ended.
    private struct Run {
        private let process = Process()
        private let output = Pipe()
        private let folder: URL

        init(_ arguments: String...) throws {
            folder = FileManager.default.temporaryDirectory.appending(path: "bench-test-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            process.executableURL = URL(fileURLWithPath: bundle).deletingLastPathComponent().appending(path: "Bench")
            process.arguments = arguments + ["--json", "--directory", folder.path]
            process.standardOutput = output
            try process.run()
        }

        /// Waits until this text was printed, or the end.
        func wait(for text: String) {
            var said = Data()
            while !said.contains(Data(text.utf8)) {
                let more = output.fileHandleForReading.availableData
                if more.isEmpty { return }
                said += more
            }
        }

        func interrupt() { process.interrupt() }

        /// What it prints from now on, and its exit code.
        func end() throws -> (lines: [Line], exitCode: Int32) {
            let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            let mounts = try String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)
            #expect(!mounts.contains(folder.lastPathComponent), "it has left a mount")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty, "it has left something")
            try? FileManager.default.removeItem(at: folder)
            let decoder = JSONDecoder()
            let lines = try bytes.split(separator: UInt8(ascii: "\n")).map { try decoder.decode(Line.self, from: $0) }
            return (lines, process.terminationStatus)
        }
    }

    @Test func everyRowIsMeasured() throws {
        let (lines, exitCode) = try Run("all", "--scale", "tiny", "--rounds", "1", "--peers", "none").end()
        #expect(lines.compactMap(\.row) == Row.all.map(\.name))
        for line in lines where line.row != nil {
            #expect(line.failures == [], "\(line.row ?? "")")
            #expect(line.medians?["iom"].map { $0.isFinite && $0 >= 0 } == true, "\(line.row ?? "")")
        }
        #expect(exitCode == 0)
    }

    @Test func anInterruptLeavesNothing() throws {
        let run = try Run("cat-warm", "local-while-stuck", "--scale", "tiny", "--rounds", "4", "--peers", "none")
        // It is mounted then, and the next row takes many seconds.
        run.wait(for: #""row":"cat-warm""#)
        run.interrupt()
        let (lines, exitCode) = try run.end()
        #expect(lines.compactMap(\.row) == [])
        #expect(exitCode != 0)
    }

    @Test func aRowThatDoesNotExistIsRefused() throws {
        let (lines, exitCode) = try Run("no-such-row").end()
        #expect(lines.isEmpty)
        #expect(exitCode == 64)
    }
}

extension Data {
    fileprivate func contains(_ other: Data) -> Bool { range(of: other) != nil }
}
