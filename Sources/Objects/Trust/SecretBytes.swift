import CSodium

/// Bytes nobody must see: neither printing, dumping nor interpolating shows them.
package struct SecretBytes: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package var description: String { "\(bytes.count) secret bytes" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }

    /// In a time that does not tell where they differ (sodium_memcmp(3)).
    package static func == (left: Self, right: Self) -> Bool {
        left.bytes.count == right.bytes.count && sodium_memcmp(left.bytes, right.bytes, left.bytes.count) == 0
    }
}
