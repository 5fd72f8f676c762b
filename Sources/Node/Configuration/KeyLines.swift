import TOMLKit

/// On which line of a TOML text each key stands.
///
/// The parser tells lines of what it cannot read only, so the text is read again line by line: the first line with which
/// a key is there is the line it begins on. Keys are dotted paths; elements of arrays count from 0.
package struct KeyLines: Sendable, Equatable {
    private var lines: [String: Int] = [:]

    package init() {}

    /// Of a text that the parser accepts.
    init(toml text: String) {
        var head: [UInt8] = []
        var start = 1
        for (index, line) in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            head += line + [0x0A]
            let first = line.first { ![0x20, 0x09, 0x0D].contains($0) }
            if first == nil || first == UInt8(ascii: "#") {
                if start == index + 1 { start += 1 }
                continue
            }
            // A value over several lines is whole only with its last one.
            guard let table = try? TOMLTable(string: String(decoding: head, as: UTF8.self)) else { continue }
            for key in Self.keys(in: table, below: "") where lines[key] == nil { lines[key] = start }
            start = index + 2
        }
    }

    /// Of a key, or of the nearest table around it; nil: nothing of it is there.
    subscript(key: String) -> Int? {
        var key = key[...]
        while true {
            if let line = lines[String(key)] { return line }
            guard let dot = key.lastIndex(of: ".") else { return nil }
            key = key[..<dot]
        }
    }

    /// Of exactly this key.
    func line(of key: String) -> Int? { lines[key] }

    /// What stands at `key` counts as `other`, too.
    mutating func name(_ key: String, as other: String) { lines[other] = lines[key] }

    private static func keys(in table: TOMLTable, below prefix: String) -> [String] {
        table.keys.flatMap { name in
            let key = prefix + name
            if let inner = table[name]?.table { return [key] + keys(in: inner, below: key + ".") }
            guard let array = table[name]?.array else { return [key] }
            let elements = array.enumerated().flatMap { index, element in
                let place = "\(key).\(index)"
                return [place] + (element.table.map { keys(in: $0, below: place + ".") } ?? [])
            }
            return [key] + elements
        }
    }
}
