import Logging
import Objects
import Peers
import SystemPackage
import Testing

@testable import Node

/// How a line of the log is written.
struct LogLineTests {
    private func line(
        _ message: Logger.Message,
        _ metadata: Logger.Metadata = [:],
        level: Logger.Level = .warning,
        _ format: LogFormat = .logfmt,
        isJournal: Bool = false
    ) -> String {
        let event = LogEvent(
            level: .warning,
            message: message,
            error: nil,
            metadata: nil,
            source: "",
            file: "",
            function: "",
            line: 0
        )
        let now = Timestamp(nanoseconds: 1_700_000_000_000_000_000)
        let values = LogSettings.Values(level: level, format: format)
        return LineLogHandler.line(event, metadata, values, isJournal: isJournal, now: now)
    }

    @Test func `Names of files are told at debug only`() {
        let metadata = LogReason.metadata(ObjectError.system(.ioError, "reading beach.jpg"))
        #expect(!line("reading failed", metadata).contains("beach"))
        #expect(line("reading failed", metadata).contains("reason="))
        #expect(line("reading failed", metadata, level: .debug).contains("beach"))
    }

    @Test func `What another device was asked in vain is told by its kind`() {
        let text = line("dialling failed", LogReason.metadata(PeerError.refused("beach.jpg"), peer: "laptop"))
        #expect(text.contains("peer=laptop") && text.contains("reason=PeerError.refused") && !text.contains("beach"))
    }

    @Test func `journald gets the level its own way, and no second time`() {
        #expect(line("full", isJournal: true) == "<4>level=warning msg=full")
        #expect(line("full").hasPrefix("time=\"2023-11-14 22:13:20\" level=warning"))
    }

    @Test(arguments: LogFormat.allCases) func `Whatever is in a field, it is one line of plain text`(format: LogFormat)
    {
        let text = line("a\nb", ["peer": "x\" level=\"critical\u{1B}[2J\u{9B}1m\r\n"], format)
        #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }, "\(text)")
        #expect(!text.contains(" level=critical") && !text.contains("\"level\":\"critical"))
    }
}
