import Glibc
import Node

/// The terminal as one page that is drawn over and over: another screen, no cursor, keys without an enter.
///
/// However the program ends, by itself or by a signal, the terminal is as it was before.
final class Screen {
    /// As the terminal was; read by the handler of signals, after which nothing else runs.
    nonisolated(unsafe) private static var before: termios?
    private static let end = Array("\u{1B}[?25h\u{1B}[?1049l".utf8)

    init() {
        var attributes = termios()
        if isatty(STDIN_FILENO) == 1, tcgetattr(STDIN_FILENO, &attributes) == 0 {
            Self.before = attributes
            attributes.c_lflag &= ~tcflag_t(ICANON | ECHO)
            tcsetattr(STDIN_FILENO, TCSANOW, &attributes)
        }
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { _ in
                Screen.restore()
                _exit(0)
            }
        }
        try? Terminal.write(Array("\u{1B}[?1049h\u{1B}[?25l".utf8))
    }

    /// Whether nothing is to be emphasized (no-color.org).
    static var isPlain: Bool { getenv("NO_COLOR").map { $0.pointee != 0 } ?? false }

    /// Draws a page, as much of it as there is room for.
    func show(_ page: TopPage) throws {
        let (rows, columns) = Self.size
        var text = "\u{1B}[H"
        for line in page.lines(columns: columns).prefix(max(1, rows - 1)) { text += line + "\u{1B}[K\r\n" }
        try Terminal.write(Array((text + "\u{1B}[J").utf8))
    }

    private static var size: (rows: Int, columns: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (24, 80)
        }
        return (Int(size.ws_row), Int(size.ws_col))
    }

    /// Waits; false: whoever looks wants no more.
    func pause(for duration: Duration) async throws -> Bool {
        let end = ContinuousClock.now + duration
        guard Self.before != nil else {
            try await Task.sleep(for: duration)
            return true
        }
        while ContinuousClock.now < end {
            let left = Int32(clamping: Int((end - .now) / .milliseconds(1)) + 1)
            var waiting = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, max(1, left)) > 0 else { continue }
            var keys = [UInt8](repeating: 0, count: 16)
            let count = read(STDIN_FILENO, &keys, keys.count)
            if count <= 0 || keys.prefix(count).contains(UInt8(ascii: "q")) { return false }
        }
        return true
    }

    func leave() { Self.restore() }

    private static func restore() {
        _ = end.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
        if var before { tcsetattr(STDIN_FILENO, TCSANOW, &before) }
    }
}
