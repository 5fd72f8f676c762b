import Foundation
import Logging
import Objects

/// How a line of the log is written: fields in a fixed order, one line, nothing in it that drives a terminal.
package enum LogFormat: String, CaseIterable, Sendable {
    case logfmt, json

    /// Longest text of one field.
    private static let fieldCountMax = 2_000

    func line(_ fields: [(key: String, value: String)]) -> String {
        let fields = fields.map { ($0.key, VisibleText.line(String($0.value.prefix(Self.fieldCountMax)))) }
        switch self {
        case .logfmt: return fields.map { "\($0.0)=\(Self.quoted($0.1))" }.joined(separator: " ")
        case .json:
            let texts = fields.map { key, value in
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.withoutEscapingSlashes]
                let text = (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
                return "\"\(key)\":\(text)"
            }
            return "{\(texts.joined(separator: ","))}"
        }
    }

    /// Quoted where it is no plain word.
    private static func quoted(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.unicodeScalars.allSatisfy { $0 != " " && $0 != "=" && $0 != "\"" }
        if isPlain { return text }
        return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
