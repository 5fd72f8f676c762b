/// Media types (MIME) of what has no name.
enum MediaType {
    private static let extensions = [
        "application/gzip": ".gz", "application/json": ".json", "application/pdf": ".pdf", "application/zip": ".zip",
        "audio/aac": ".aac", "audio/flac": ".flac", "audio/mp4": ".m4a", "audio/mpeg": ".mp3", "audio/ogg": ".ogg",
        "audio/wav": ".wav", "audio/webm": ".weba", "image/gif": ".gif", "image/heic": ".heic", "image/jpeg": ".jpg",
        "image/png": ".png", "image/svg+xml": ".svg", "image/tiff": ".tiff", "image/webp": ".webp",
        "text/calendar": ".ics",
        "text/csv": ".csv", "text/html": ".html", "text/markdown": ".md", "text/plain": ".txt", "text/vcard": ".vcf",
        "video/mp4": ".mp4", "video/mpeg": ".mpeg", "video/ogg": ".ogv", "video/quicktime": ".mov",
        "video/webm": ".webm",
    ]

    /// The extension with its dot, `.jpg` for `image/jpeg`; empty for types that are not common.
    static func fileExtension(of type: String) -> String {
        let bare = type.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        return extensions[bare] ?? ""
    }
}
