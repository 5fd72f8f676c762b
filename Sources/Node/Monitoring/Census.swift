import Synchronization

/// What cannot be counted as it happens and is looked up now and then; tells when that was.
package final class Census: Sendable {
    struct Reading: Sendable {
        var files: Int
        var reasons: Snapshot.Reasons
    }

    private let state = Mutex<Reading?>(nil)

    /// As it was last; nil: not looked up since the start.
    var current: Reading? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
