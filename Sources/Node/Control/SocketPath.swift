import Glibc
import SystemPackage

/// The path of a unix socket, whose name has to be short: unix(7) takes 108 bytes, and SwiftNIO 103, as other systems do.
///
/// One that is longer is reached through its directory, which is kept open meanwhile: `/proc/self/fd/N/name`.
final class SocketPath: Sendable {
    private static let byteCountMax = 103

    let text: String
    private let directory: FileDescriptor?

    init(_ path: FilePath) throws {
        guard path.string.utf8.count > Self.byteCountMax, let name = path.lastComponent else {
            (text, directory) = (path.string, nil)
            return
        }
        let parent = path.removingLastComponent()
        let opened = try FileDescriptor.open(parent, .readOnly, options: [.directory, .closeOnExec])
        (text, directory) = ("/proc/self/fd/\(opened.rawValue)/\(name.string)", opened)
    }

    deinit { try? directory?.close() }
}
