package import Objects
import SystemPackage

/// What the user asked to keep on this disk: the file `pins`, one a line, in the order in which they were pinned.
package struct Pins: Hashable, Sendable {
    /// A hash, or a path in the tree shown.
    ///
    /// Compared by its bytes.
    package struct Pin: Hashable, Sendable, CustomStringConvertible {
        package let bytes: [UInt8]

        /// nil for what cannot be a line: empty, with a line end or NUL, or longer than any path.
        package init?(_ text: some StringProtocol) { self.init(bytes: Array(text.utf8)) }

        package init(_ hash: ObjectHash) { bytes = Array(hash.hex.utf8) }

        init?(bytes: [UInt8]) {
            guard !bytes.isEmpty, bytes.count <= Self.byteCountMax, !bytes.contains(0x0A), !bytes.contains(0) else {
                return nil
            }
            self.bytes = bytes
        }

        /// The object that is pinned; nil for a path.
        package var hash: ObjectHash? { ObjectHash(hex: bytes) }

        package var description: String { String(decoding: bytes, as: UTF8.self) }

        /// PATH_MAX of Linux.
        private static let byteCountMax = 4096
    }

    package private(set) var pins: [Pin] = []

    /// What is read of the file.
    private static let byteCountMax = 64 * 1024 * 1024

    package init() {}

    /// Reads them from the disk of a root; none if there is no file.
    package init(on disk: any Disk) throws(ObjectError) {
        self.init()
        let bytes: [UInt8] = try ObjectError.from("reading pins") { () throws(Errno) in
            guard try disk.status(at: Root.Place.pins) != nil else { return [] }
            let file = try OpenFile(Root.Place.pins, .read, on: disk)
            return try file.read(0..<min(file.status().byteCount, Self.byteCountMax))
        }
        for line in bytes.split(separator: 0x0A) {
            if let pin = Pin(bytes: Array(line)) { insert(pin) }
        }
    }

    package func contains(_ pin: Pin) -> Bool { pins.contains(pin) }

    package mutating func insert(_ pin: Pin) {
        if !pins.contains(pin) { pins.append(pin) }
    }

    package mutating func remove(_ pin: Pin) { pins.removeAll { $0 == pin } }

    package mutating func set(_ isPinned: Bool, _ pin: Pin) {
        if isPinned { insert(pin) } else { remove(pin) }
    }

    /// Calls pins otherwise, each in its place; two that are then the same are one.
    package mutating func rename(_ names: [Pin: Pin]) {
        guard !names.isEmpty else { return }
        let renamed = pins.map { names[$0] ?? $0 }
        pins = []
        for pin in renamed { insert(pin) }
    }

    /// Writes them, durable on return; at any instant the file is the old or the new one.
    package func write(on disk: any Disk, random: any RandomSource) throws(ObjectError) {
        let bytes = Array(pins.map { $0.bytes + [0x0A] }.joined())
        try ObjectError.from("writing pins") { () throws(Errno) in
            try Incoming(on: disk, random: random).replace(Root.Place.pins, in: ".", with: bytes, permissions: 0o644)
        }
    }
}
