import Foundation
import Glibc
import Node
import Objects
import Testing

/// `iom events --follow --json` of an instance, started anew now and then where it stopped.
struct FollowedEvents {
    private let instance: Instance
    private let household: Household
    private var program: RunningProgram
    /// What those before have told.
    private var earlier: [LoggedEvent] = []

    init(of instance: Instance, in household: Household) throws {
        (self.instance, self.household) = (instance, household)
        program = try household.start(instance.program(["events", "--follow", "--json", "--since", "0"]))
    }

    /// Line by line.
    var lines: [LoggedEvent] { get throws { try earlier + LoggedEvent.lines(program.outputSoFar) } }

    /// Ends it in the middle of whatever it does, and goes on after the last whole line.
    mutating func restart() async throws {
        await program.end(SIGKILL)
        earlier = try lines
        let place = earlier.last?.change ?? 0
        program = try household.start(instance.program(["events", "--follow", "--json", "--since", "\(place)"]))
    }

    /// Each event as it was told last.
    var events: [LoggedEvent] {
        get throws { Array(try lines.reduce(into: [:]) { $0[$1.id] = $1 }.values).sorted { $0.change < $1.change } }
    }

    /// Added up by type; failed ones apart.
    var counts: [String: Int] {
        get throws {
            try events.reduce(into: [:]) {
                $0[$1.status == "failed" ? "\($1.type) failed" : $1.type, default: 0] += $1.count
            }
        }
    }

    /// Waits until it has told what the instance knows.
    func isUpToDate() async throws -> Bool {
        let last = try LoggedEvent.lines(try await instance.succeed("events", "--json").output).last
        return try lines.last?.change == last?.change
    }

    /// What is wrong with the lines themselves, whatever happened.
    func checkOrder() throws {
        let lines = try lines
        #expect(
            zip(lines, lines.dropFirst()).allSatisfy { $0.change < $1.change },
            "\(instance.name): each once, in order"
        )
        var counts: [Int64: Int] = [:]
        for line in lines {
            #expect(line.count > counts[line.id, default: 0], "\(instance.name): a line that says nothing new")
            counts[line.id] = line.count
        }
        let things = try events.map { [$0.type, $0.source ?? "", $0.target ?? "", $0.status] }
        #expect(Set(things).count == things.count, "\(instance.name): what repeats is one event")
    }
}

extension LoggedEvent {
    /// Those of whole lines: the last one may still be written.
    static func lines(_ text: String) throws -> [LoggedEvent] {
        let whole = text.lastIndex(of: "\n").map { text[...$0] } ?? ""
        return try whole.split(separator: "\n").map { try JSONDecoder().decode(LoggedEvent.self, from: Data($0.utf8)) }
    }
}
