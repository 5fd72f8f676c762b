import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    /// A request that is not answered, and why; the connection ends with it.
    static func refused(_ status: HTTPResponse.Status, _ words: String) -> Self {
        var response = Self.text(words + "\n", type: "text/plain; charset=utf-8", status: status)
        response.headers[.connection] = "close"
        return response
    }

    static func unauthorized(_ scheme: String?) -> Self {
        var response = refused(.unauthorized, "sign in first: `iom dashboard` prints a link")
        if let scheme { response.headers[.wwwAuthenticate] = scheme }
        return response
    }

    static func text(_ text: String, type: String, status: HTTPResponse.Status = .ok) -> Self {
        bytes(Array(text.utf8), type: type, status: status)
    }

    static func bytes(_ bytes: [UInt8], type: String, status: HTTPResponse.Status = .ok) -> Self {
        let buffer = ByteBuffer(bytes: bytes)
        return Self(
            status: status,
            headers: [.contentType: type, .contentLength: "\(buffer.readableBytes)"],
            body: ResponseBody(byteBuffer: buffer)
        )
    }

    static func json(_ value: some Encodable) throws -> Self {
        bytes(try JSON.bytes(value), type: "application/json")
    }

    private static let hardening: [(String, String)] = [
        (
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
                + "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        ),
        ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cache-Control", "no-store"),
    ]

    /// With what keeps a browser from doing more than show it.
    func hardened() -> Self {
        var response = self
        for (name, value) in Self.hardening {
            if let name = HTTPField.Name(name) { response.headers[name] = value }
        }
        return response
    }
}

/// JSON as it is sent to the page: keys in order, so that what did not change is the same text.
enum JSON {
    static func bytes(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }
}
