import ArgumentParser
import Foundation
import Glibc
import Node
import Objects

/// Standard output and error, as a person or a program sees them.
enum Terminal {
    /// A closed pipe and a file that may not grow are errors to tell, not deaths.
    static func ignoreFatalWrites() {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }

    /// Writes one line to standard output; a closed or full one ends the program with an error.
    static func line(_ text: String) throws { try write(Array((text + "\n").utf8)) }

    /// Writes bytes to standard output.
    static func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                if errno == EPIPE { throw ExitCode(1) }
                throw CommandError("cannot write the output: \(String(cString: strerror(errno)))")
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Writes one line to standard error.
    static func note(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    /// Writes a report: for programs as it is, for people its lines.
    static func report(_ report: some Encodable, _ lines: [String], json isJSON: Bool) throws {
        Progress.clear()
        if isJSON { return try json(report) }
        for line in lines { try self.line(shown(line)) }
    }

    /// An item as one line of JSON, keys in order.
    static func json(_ item: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try write(Array(encoder.encode(item)) + [0x0A])
    }

    /// Text from others on one line, where nothing in it can drive the terminal.
    static func shown(_ text: String) -> String { VisibleText.line(text) }

    /// The same on several lines, all but the first set off, so that no line looks like one of ours.
    static func shownLines(_ text: String) -> String {
        VisibleText.lines(text).split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n    ")
    }

    /// Ends the program: 0 done, 1 failed, 2 usage, 3 partly.
    static func exit(with error: any Error, from command: any ParsableCommand.Type) -> Never {
        if error is ExitCode || error is CleanExit { command.exit(withError: error) }
        let failure = error as? CommandError
        if failure == nil, command.exitCode(for: error) == .validationFailure {
            note(command.fullMessage(for: error))
            Glibc.exit(2)
        }
        if failure == nil, command.exitCode(for: error) == .success { command.exit(withError: error) }
        let words = failure ?? CommandError(explaining: error)
        Daemon.tell(failure: words.message)
        note("iom: \(shownLines(words.message))")
        Glibc.exit(words.exitCode)
    }
}
