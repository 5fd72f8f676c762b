import Foundation
import Synchronization

@testable import Peers

/// A Python program run beside a test.
struct PythonTool {
    /// Whether the modules can be imported on this machine.
    static func has(_ modules: String) -> Bool { (try? run(["-c", "import \(modules)"]).status) == 0 }

    struct Outcome {
        var status: Int32
        var output: String
    }

    /// Runs to the end, reading what it prints. Blocks its thread.
    static func run(_ arguments: [String]) throws -> Outcome {
        let process = try start(arguments)
        let data = process.output.fileHandleForReading.readDataToEndOfFile()
        process.process.waitUntilExit()
        return Outcome(
            status: process.process.terminationStatus, output: String(decoding: data, as: UTF8.self))
    }

    /// The same without blocking; the program is ended when the task is cancelled.
    static func running(_ arguments: [String]) async throws -> Outcome {
        let done = OneShot<Result<Outcome, any Error>>()
        let (process, output) = try start(arguments)
        let collected = Mutex(Data())
        output.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty {
                handle.readabilityHandler = nil
                process.waitUntilExit()
                let text = collected.withLock { String(decoding: $0, as: UTF8.self) }
                done.fulfil(.success(Outcome(status: process.terminationStatus, output: text)))
            } else {
                collected.withLock { $0.append(data) }
            }
        }
        guard let outcome = await done.value() else {
            process.terminate()
            throw CancellationError()
        }
        return try outcome.get()
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
