import ArgumentParser
import Glibc
import Node
import SystemPackage

/// Which instance a command is for.
struct RootOptions: ParsableArguments {
    @Option(help: "Folder of the instance (default: $IOM_ROOT, then $XDG_DATA_HOME/iom).", completion: .directory)
    var root: String?

    @Option(
        help: "File with the secret that unseals the keys (default: $XDG_CONFIG_HOME/iom/secret).",
        completion: .file()
    )
    var secretFile: String?

    var path: FilePath { Self.rootPath(root) }
    var secretPath: FilePath { Self.secretPath(secretFile) }

    static func rootPath(_ given: String?) -> FilePath {
        absolute(given ?? environment("IOM_ROOT") ?? home("XDG_DATA_HOME", ".local/share") + "/iom")
    }

    static func secretPath(_ given: String?) -> FilePath {
        absolute(given ?? environment("IOM_SECRET_FILE") ?? home("XDG_CONFIG_HOME", ".config") + "/iom/secret")
    }

    /// Runs a command in the node that is running on this root, or here if there is none.
    func perform<Command: NodeCommand>(
        _ command: Command,
        emit: @escaping @Sendable (Command.Item) async throws -> Void
    ) async throws {
        try await Execution(root: path, secret: secretPath).perform(command, emit: emit)
    }

    /// A path a person typed, made independent of the working directory.
    static func absolute(_ path: String) -> FilePath {
        let path = FilePath(path)
        guard path.isRelative, let directory = getcwd(nil, 0) else { return path.lexicallyNormalized() }
        defer { free(directory) }
        return FilePath(platformString: directory).pushing(path).lexicallyNormalized()
    }

    private static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func home(_ name: String, _ fallback: String) -> String {
        environment(name) ?? (environment("HOME") ?? "/") + "/" + fallback
    }
}

/// `--json` on everything that reports.
struct JSONOption: ParsableArguments {
    @Flag(help: "One JSON object a line, for programs.")
    var json = false
}
