/// MIME types by the ending of a file's name, for the descriptors of files (RFC 6838 registry).
package enum MIMEType {
    private static let byEnding: [String: String] = [
        "aac": "audio/aac", "avif": "image/avif", "bmp": "image/bmp", "csv": "text/csv", "css": "text/css",
        "doc": "application/msword", "epub": "application/epub+zip", "flac": "audio/flac", "gif": "image/gif",
        "gz": "application/gzip", "heic": "image/heic", "htm": "text/html", "html": "text/html",
        "ics": "text/calendar", "jpeg": "image/jpeg", "jpg": "image/jpeg", "js": "text/javascript",
        "json": "application/json", "m4a": "audio/mp4", "md": "text/markdown", "mkv": "video/x-matroska",
        "mov": "video/quicktime", "mp3": "audio/mpeg", "mp4": "video/mp4", "ogg": "audio/ogg",
        "odt": "application/vnd.oasis.opendocument.text", "opus": "audio/ogg", "pdf": "application/pdf",
        "png": "image/png", "ppm": "image/x-portable-pixmap", "rtf": "application/rtf", "svg": "image/svg+xml",
        "tar": "application/x-tar", "tif": "image/tiff", "tiff": "image/tiff", "txt": "text/plain",
        "vcf": "text/vcard", "wav": "audio/wav", "webm": "video/webm", "webp": "image/webp", "xml": "text/xml",
        "zip": "application/zip",
    ]

    /// `application/octet-stream` where the ending says nothing.
    package static func of(fileName: String) -> String {
        guard let dot = fileName.lastIndex(of: "."), dot != fileName.startIndex else { return fallback }
        return byEnding[fileName[fileName.index(after: dot)...].lowercased()] ?? fallback
    }

    private static let fallback = "application/octet-stream"
}
