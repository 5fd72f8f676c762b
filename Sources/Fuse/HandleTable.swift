import Synchronization

/// Open files or directories by the handle the kernel knows them by.
///
/// What is still open at the end is dropped with it.
final class HandleTable<Value: Sendable>: Sendable {
    private struct Slots {
        var values: [Value?] = []
        var free: [Int] = []
    }

    private let slots = Mutex(Slots())
    private let countMax: Int

    init(countMax: Int) { self.countMax = countMax }

    /// The handle of a value; nil if too many are open.
    func insert(_ value: Value) -> UInt64? {
        slots.withLock { slots in
            if let index = slots.free.popLast() {
                slots.values[index] = value
                return UInt64(index)
            }
            guard slots.values.count < countMax else { return nil }
            slots.values.append(value)
            return UInt64(slots.values.count - 1)
        }
    }

    subscript(handle: UInt64) -> Value? {
        slots.withLock { slots in
            guard let index = Int(exactly: handle), slots.values.indices.contains(index) else { return nil }
            return slots.values[index]
        }
    }

    /// Closes a handle and gives back what it stood for, so that dropping it happens outside of the lock.
    @discardableResult
    func remove(_ handle: UInt64) -> Value? {
        slots.withLock { slots in
            guard let index = Int(exactly: handle), slots.values.indices.contains(index),
                let value = slots.values[index]
            else { return nil }
            slots.values[index] = nil
            slots.free.append(index)
            return value
        }
    }
}
