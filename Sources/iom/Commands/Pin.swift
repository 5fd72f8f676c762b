import ArgumentParser
import Node

struct Pin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Keep paths or hashes on this device, with what comes below them later; without any, list what is kept.",
        discussion: """
            Example:  iom pin 'conversations/Summer trip'
            A running instance fetches what is missing by itself. In the mount: setfattr -n user.iom.pinned -v yes FILE
            """
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption
    @Option(help: "Only tell which pin holds this path or hash.") var why: String?
    @Argument(help: "Paths as in the mount, or hashes.", completion: .file()) var names: [String] = []

    func validate() throws {
        if why != nil, !names.isEmpty { throw ValidationError("--why tells of one path, and pins nothing.") }
    }

    func run() async throws {
        if let why { return try await explain(why) }
        let isShort = Latch()
        try await options.perform(PinPaths(names: Arguments.names(names), isPinned: true)) {
            [json = output.json] item in
            switch item {
            case .pin(let pin):
                if json { return try Terminal.json(pin) }
                try Terminal.line("\(Terminal.shown(pin.pin))  (\(pin.words))")
            case .unpinned: return
            case .shortage(let words):
                isShort.raise()
                Terminal.note("iom: \(words)")
            }
        }
        if isShort.isRaised, !names.isEmpty { throw ExitCode(3) }
    }

    private func explain(_ target: String) async throws {
        try await options.perform(ExplainPin(target: Arguments.names([target])[0])) { [json = output.json] item in
            if json { return try Terminal.json(item) }
            try Terminal.line(item.pin.map { "pinned by \(Terminal.shown($0))" } ?? "not pinned")
        }
    }
}

struct Unpin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "No longer keep paths or hashes that were pinned; nothing is dropped by that alone.",
        discussion: "Example:  iom unpin 'conversations/Summer trip'"
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption
    @Argument(help: "What `iom pin` lists.", completion: .file()) var names: [String]

    func run() async throws {
        try await options.perform(PinPaths(names: Arguments.names(names), isPinned: false)) {
            [json = output.json] item in
            guard case .unpinned(let pin) = item else { return }
            if json { return try Terminal.json(["unpinned": pin]) }
            try Terminal.line("\(Terminal.shown(pin)) is no longer pinned")
        }
    }
}
