package import Objects

/// A place on a disk: a path relative to the disk's top, as the bytes the kernel is given.
///
/// Always ends in NUL and has no other; compared byte by byte, unlike a String. Built without Foundation or
/// `FilePath`'s normalisation, because every read of an object builds one.
package struct DiskPath: Hashable, Sendable {
    private let terminated: [CChar]

    /// Takes the text up to its first NUL.
    package init(_ text: String) {
        self.init(bytes: text.utf8)
    }

    /// Takes the bytes up to the first NUL: file names need not be UTF-8.
    package init(bytes: some Sequence<UInt8>) {
        var characters = bytes.prefix { $0 != 0 }.map { CChar(bitPattern: $0) }
        characters.append(0)
        terminated = characters
    }

    /// The entry of this name in this directory.
    package func appending(name: some Sequence<UInt8>) -> Self {
        var characters = terminated
        characters[characters.count - 1] = 0x2F
        characters.append(contentsOf: name.lazy.prefix { $0 != 0 }.map { CChar(bitPattern: $0) })
        characters.append(0)
        return Self(terminated: characters)
    }

    private init(terminated: [CChar]) { self.terminated = terminated }

    /// The entry of this name in this directory.
    package func appending(_ name: String) -> Self { appending(name: name.utf8) }

    /// The bytes without the NUL.
    package var bytes: [UInt8] { terminated.dropLast().map { UInt8(bitPattern: $0) } }

    func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        terminated.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { preconditionFailure("a path has at least its NUL") }
            return body(start)
        }
    }
}

extension DiskPath: ExpressibleByStringLiteral, CustomStringConvertible {
    package init(stringLiteral text: String) { self.init(text) }

    /// For people: bytes that are not UTF-8 are shown as U+FFFD.
    package var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension DiskPath {
    /// `area/ab/<64 digits>`: where an area of the root keeps what has this name (design 3).
    package init(shardedIn area: StaticString, _ hash: ObjectHash) {
        let start = area.utf8CodeUnitCount
        // Two slashes, two digits between them, and the NUL.
        let byteCount = start + 2 * ObjectHash.byteCount + 5
        terminated = [CChar](unsafeUninitializedCapacity: byteCount) { buffer, count in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            area.withUTF8Buffer { bytes.copyBytes(from: $0) }
            hash.writeHex(to: UnsafeMutableRawBufferPointer(rebasing: bytes[(start + 4)...]))
            (bytes[start], bytes[start + 3]) = (0x2F, 0x2F)
            (bytes[start + 1], bytes[start + 2]) = (bytes[start + 4], bytes[start + 5])
            bytes[byteCount - 1] = 0
            count = byteCount
        }
    }
}
