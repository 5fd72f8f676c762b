import Objects
import Testing

@testable import Peers

/// A request of a recorded session with its answer.
struct RecordedCall {
    var service: Int
    var arguments: [JSONValue]
    /// nil: it was not answered by a value.
    var data: JSONValue?
    var error: CallFailure?

    /// The requests that went one way over one connection, in order.
    static func all(in file: String, dir: String, conn: Int) throws -> [Self] {
        let lines = try #require(try Fixtures.sessions()[file]).filter { $0.layer == "app" && $0.conn == conn }
        var calls: [Self] = []
        for line in lines where line.dir == dir {
            guard let json = line.json, json["type"]?.string == "request", let service = json["serviceId"]?.integer,
                let id = json["requestId"]?.integer
            else { continue }
            let answer = lines.first { other in
                other.dir != dir && other.seq > line.seq && other.json?["responseId"]?.integer == id
            }?.json
            calls.append(
                Self(
                    service: service,
                    arguments: json["args"]?.array ?? [],
                    data: answer?["data"],
                    error: answer?["error"].map(CallFailure.init)
                )
            )
        }
        return calls
    }
}

/// The exporter of a recording: answers as it did, the last time it was asked.
struct RecordedExporter: ConnectionGroup, CallHandler {
    let calls: [RecordedCall]
    var name: String { ChumGroup.groupName }

    func answer(_ call: IncomingCall) async throws -> Answer {
        let recorded = calls.last { $0.service == call.service && $0.arguments == call.arguments }
        if let data = recorded?.data { return .data(data) }
        throw recorded?.error ?? .noService(call.service)
    }

    func run(_ connection: Connection, _ incoming: inout IncomingMessages) async throws(PeerError) {
        connection.authenticated()
        try await connection.send(.text(ChumService.startWord))
        _ = try await incoming.next()
        let calls = Calls(connection: connection, isExtended: false)
        while true {
            if let call = try calls.receive(try await incoming.next()) { await calls.serve(call, self) }
        }
    }
}
