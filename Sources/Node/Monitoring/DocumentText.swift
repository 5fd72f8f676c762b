import Foundation

/// How documents are written: JSON on one line, keys in order, so that what is equal is the same text everywhere.
package enum DocumentText {
    package static func line(_ item: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try Array(encoder.encode(item)) + [0x0A]
    }
}
