import Node
import SystemPackage
import Testing

/// A relay that is a process of its own, and where it is.
struct RunningRelay {
    let program: RunningProgram
    let url: String
}

extension Household {
    /// Starts `iom relay`, which ends with the household.
    func startRelay(listen: String = "127.0.0.1:0", _ arguments: String...) async throws -> RunningRelay {
        let words = ["relay", "--listen", listen] + arguments
        let program = try start(Program(executable: Household.program, arguments: words))
        let said = "relaying at "
        try await eventually("the relay listens") {
            guard program.isRunning else { throw Program.Failure(description: program.errorsSoFar) }
            return program.errorsSoFar.contains(said)
        }
        let line = program.errorsSoFar.split(separator: "\n").first { $0.hasPrefix(said) } ?? ""
        return RunningRelay(program: program, url: String(line.dropFirst(said.count)))
    }
}

extension Instance {
    /// From the next start on it listens through the relay; returns when it does, if it is started here.
    func serve(behind relay: RunningRelay) async throws {
        try configure("instance", "relays = [\"\(relay.url)\"]")
        try await serve()
        try await eventually("it listens through the relay", within: .seconds(20)) {
            try await status().relays.first?.spares == 2
        }
    }
}
