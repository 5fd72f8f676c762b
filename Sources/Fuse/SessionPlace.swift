import Synchronization

/// Where a handler finds the session it is part of.
final class SessionPlace: Sendable {
    private let address = Atomic<UInt>(0)

    /// libfuse's session may be told things from any thread until it is destroyed, and no request is handled after that.
    var pointer: OpaquePointer? { OpaquePointer(bitPattern: address.load(ordering: .acquiring)) }

    func set(_ session: OpaquePointer) { address.store(UInt(bitPattern: session), ordering: .releasing) }
}
