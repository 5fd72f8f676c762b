import Synchronization

/// Something that is done the first time it is asked for, and not again.
final class Once: Sendable {
    private let action: Mutex<(@Sendable () -> Void)?>

    init(_ action: @escaping @Sendable () -> Void) { self.action = Mutex(action) }

    func call() {
        let action = action.withLock { action in
            defer { action = nil }
            return action
        }
        action?()
    }
}
