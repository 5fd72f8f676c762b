import SystemPackage

/// Small text files of the machine.
enum MachineFile {
    private static let byteCountMax = 1 << 20
    private static let pieceByteCount = 1 << 14

    /// The first of its text.
    static func text(at path: FilePath) -> Result<String, Errno> {
        do {
            let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
            defer { try? file.close() }
            var text: [UInt8] = []
            var piece = [UInt8](repeating: 0, count: pieceByteCount)
            while text.count < byteCountMax,
                case let count = try piece.withUnsafeMutableBytes({ try file.read(into: $0) }),
                count > 0
            {
                text += piece.prefix(count)
            }
            return .success(String(decoding: text, as: UTF8.self))
        } catch {
            return .failure(error as? Errno ?? .ioError)
        }
    }

    /// Its lines without comments, cut into words.
    static func fields(at path: FilePath) -> Result<[[Substring]], Errno> {
        text(at: path).map { text in
            text.split(separator: "\n").map { $0.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace) }.filter {
                !$0.isEmpty
            }
        }
    }
}
