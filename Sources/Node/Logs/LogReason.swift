import Logging
import Objects

/// Why something failed, for the log: the kind of failure for everybody, its words, which may name files, at debug.
enum LogReason {
    static func metadata(_ error: any Error) -> Logger.Metadata {
        ["reason": "\(reason(error))", "details": "\(CommandError(explaining: error).message)"]
    }

    /// The same of something that was done with another device.
    static func metadata(_ error: any Error, peer: String) -> Logger.Metadata {
        metadata(error).merging(["peer": "\(peer)"]) { _, new in new }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case ObjectError.system(let errno, _): "\(errno)"
        case let error as ObjectError: CommandError.words(for: error)
        case let error as ConfigurationError: error.description
        default: kind(of: error)
        }
    }

    /// Its type, and the case without what is in it: that may be anything.
    private static func kind(of error: any Error) -> String {
        let mirror = Mirror(reflecting: error)
        let label = mirror.displayStyle == .enum ? mirror.children.first?.label : nil
        return "\(type(of: error))" + (label.map { ".\($0)" } ?? "")
    }
}
