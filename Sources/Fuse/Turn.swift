import Glibc
import Synchronization

/// The right to wait for the kernel's next request on one processor; one of a few threads has it.
///
/// A request that is answered on the processor it comes from costs no waking of another processor, which takes ten times
/// as long as the answer. Whoever is about to wait for the disk gives the turn to the next, so that a slow disk holds up
/// only those who read from it.
final class Turn: Sendable {
    /// The processor; nil: any.
    let processor: Int?
    /// libc keeps it consistent between threads; it stays where it is as long as this.
    nonisolated(unsafe) private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init(processor: Int?) {
        self.processor = processor
        sem_init(semaphore, 0, 1)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    fileprivate func take() {
        while sem_wait(semaphore) != 0 {}
    }

    fileprivate func pass() { sem_post(semaphore) }
}

/// A thread that answers the kernel, as long as it does.
///
/// Used by that thread alone.
final class AnsweringThread {
    private let turn: Turn
    private(set) var hasTurn = false

    /// Where each thread finds its own.
    private static let key = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    init(_ turn: Turn) {
        self.turn = turn
        if let processor = turn.processor { Processors.stay(on: processor) }
        pthread_setspecific(Self.key, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit { pthread_setspecific(Self.key, nil) }

    /// Waits for the turn.
    func takeTurn() {
        turn.take()
        hasTurn = true
    }

    /// Lets the next thread answer, if this one does.
    func passTurn() {
        guard hasTurn else { return }
        hasTurn = false
        turn.pass()
    }

    /// To be called before what may take long: others go on answering meanwhile.
    static func stepAside() {
        guard let pointer = pthread_getspecific(key) else { return }
        Unmanaged<AnsweringThread>.fromOpaque(pointer).takeUnretainedValue().passTurn()
    }
}
