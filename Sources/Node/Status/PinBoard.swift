package import Objects
package import Storage
import Synchronization
import SystemPackage

/// What the owner asked to keep on this device; every change is durable before it counts.
package final class PinBoard: Sendable {
    private let disk: any Disk
    private let random: any RandomSource
    private let pins: Mutex<Pins>

    package init(disk: any Disk, random: any RandomSource) throws {
        (self.disk, self.random) = (disk, random)
        pins = Mutex(try Pins(on: disk))
    }

    func contains(path: String) -> Bool {
        guard let pin = Pins.Pin(path) else { return false }
        return pins.withLock { $0.contains(pin) }
    }

    func set(_ isPinned: Bool, path: String) throws(ObjectError) {
        guard let pin = Pins.Pin(path) else { throw .system(.invalidArgument, "pinning") }
        try pins.withLock { pins throws(ObjectError) in
            var changed = pins
            if isPinned { changed.insert(pin) } else { changed.remove(pin) }
            try changed.write(on: disk, random: random)
            pins = changed
        }
    }
}
