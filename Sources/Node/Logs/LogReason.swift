import Logging
import Objects

/// Why something failed, for the log: the kind of failure for everybody, its words, which may name files, at debug.
enum LogReason {
    static func metadata(_ error: any Error) -> Logger.Metadata {
        ["reason": "\(reason(error))", "details": "\(CommandError(explaining: error).message)"]
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case ObjectError.system(let errno, _): "\(errno)"
        case let error as ObjectError: CommandError.words(for: error)
        case let error as ConfigurationError: error.description
        default: "\(type(of: error))"
        }
    }
}
