import Glibc
import Node

/// A line on the terminal that shows how far something is; nothing where standard error is no terminal.
enum Progress {
    private static let isShown = isatty(STDERR_FILENO) == 1

    static func show(_ what: String, _ done: Int, of total: Int?) {
        guard isShown else { return }
        let share = total.map { $0 > 0 ? " (\(done * 100 / $0) %)" : "" } ?? ""
        write("\r\u{1B}[K\(done)\(total.map { " of \($0)" } ?? "") \(what)\(share)")
    }

    static func show(_ item: FetchPaths.Item) {
        guard isShown else { return }
        let percent = item.missingByteCount > 0 ? item.byteCount * 100 / item.missingByteCount : 100
        let bytes = "\(ByteCount(item.byteCount)) of \(ByteCount(item.missingByteCount)) (\(percent) %)"
        write("\r\u{1B}[K\(item.files) of \(item.missingFiles) file(s) fetched, \(bytes)")
    }

    static func show(_ progress: IntakeProgress) {
        show("files stored, \(progress.byteCount >> 20) MiB read", progress.fileCount, of: nil)
    }

    static func clear() {
        if isShown { write("\r\u{1B}[K") }
    }

    private static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }
}
