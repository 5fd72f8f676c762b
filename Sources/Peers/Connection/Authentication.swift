import Synchronization

/// Whether a connection is still a stranger's: those have little time and few places.
final class Authentication: Sendable {
    private let state = Mutex<(isDone: Bool, onSuccess: (@Sendable () -> Void)?)>((false, nil))

    init(onSuccess: @escaping @Sendable () -> Void) { state.withLock { $0.onSuccess = onSuccess } }

    var isDone: Bool { state.withLock { $0.isDone } }

    func succeed() {
        let action = state.withLock { state in
            state.isDone = true
            defer { state.onSuccess = nil }
            return state.onSuccess
        }
        action?()
    }
}
