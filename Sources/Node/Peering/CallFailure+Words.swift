import Objects
import Peers

extension CallFailure {
    /// For the other side's log and people.
    init(_ message: String) { self.init(message: message, code: ServiceCode.failed) }

    init(_ error: ObjectError) { self.init(CommandError.words(for: error)) }
}
