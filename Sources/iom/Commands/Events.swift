import ArgumentParser
import Node
import Objects

struct Events: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What happened: connections, failures, evictions, and what else is worth telling.",
        discussion: """
            Example:  iom events --since 2h
            What happens again within ten minutes is one event with a count. With --follow it is told again each time, \
            with the same id and a larger `change`; --since takes such a number, so that nothing is missed.
            """
    )

    /// How often it is looked whether the node has come back.
    private static let retryPause = Duration.seconds(1)

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption
    @Flag(help: "Go on with what happens from now on.") var follow = false
    @Option(help: "From then on: 2h, 2026-11-22, 2026-11-22T14:03:22 (UTC), or the `change` of an event.")
    var since: String?

    func validate() throws {
        if let since, ReadEvents.Start(words: since, now: SystemTime().now) == nil {
            throw ValidationError("`\(since)` is no time: 2h, 2026-11-22, 2026-11-22T14:03:22, or a number.")
        }
    }

    func run() async throws {
        let start = since.flatMap { ReadEvents.Start(words: $0, now: SystemTime().now) }
        guard follow else {
            return try await options.perform(ReadEvents(since: start)) { [json = output.json] item in
                try Self.show(item, json: json)
            }
        }
        try await follow(from: start)
    }

    /// Goes on after the node was stopped and started again, with what is after the last that was told.
    private func follow(from start: ReadEvents.Start?) async throws {
        let execution = Execution(root: options.path, secret: options.secretPath)
        let place = Place()
        var isFirst = true
        while true {
            let from = await place.change.map { ReadEvents.Start.change($0) } ?? start
            do {
                let command = ReadEvents(since: from, isFollowed: true)
                let isRunning = try await execution.performInRunningNode(command) { [json = output.json] item in
                    try Self.show(item, json: json)
                    await place.set(item.change)
                }
                guard isRunning || !isFirst else {
                    throw CommandError(
                        "nothing happens in \(options.path): no node is running there; `iom serve` starts one"
                    )
                }
            } catch let error as CommandError where error == .nodeGone {
                // It may come back.
            }
            isFirst = false
            try await Task.sleep(for: Self.retryPause)
        }
    }

    private static func show(_ item: LoggedEvent, json: Bool) throws {
        if json { try Terminal.json(item) } else { try Terminal.line(Terminal.shown(item.line)) }
    }
}

/// How far the events were told.
private actor Place {
    private(set) var change: Int64?

    func set(_ change: Int64) { self.change = change }
}
