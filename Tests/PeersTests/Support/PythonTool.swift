import Foundation

@testable import Peers

/// A Python program run beside a test.
struct PythonTool {
    /// Whether the modules can be imported on this machine.
    static func has(_ modules: String) -> Bool { (try? run(["-c", "import \(modules)"]).status) == 0 }

    struct Outcome {
        var status: Int32
        var output: String
    }

    /// Runs to the end, reading what it prints.
    ///
    /// Blocks its thread.
    static func run(_ arguments: [String]) throws -> Outcome {
        let (process, output) = try start(arguments)
        return finish(process, output)
    }

    /// The same without blocking; the program is ended when the task is cancelled.
    ///
    /// Read by a thread and not by a handler of the file: Foundation closes a file under its dispatch source, and what
    /// libdispatch then follows leads nowhere.
    static func running(_ arguments: [String]) async throws -> Outcome {
        let (process, output) = try start(arguments)
        return try await withTaskCancellationHandler {
            try await OwnThread.run { finish(process, output) }
        } onCancel: {
            process.terminate()
        }
    }

    private static func finish(_ process: Process, _ output: Pipe) -> Outcome {
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Outcome(status: process.terminationStatus, output: String(decoding: data, as: UTF8.self))
    }

    static func start(_ arguments: [String]) throws -> (process: Process, output: Pipe) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        return (process, output)
    }
}
