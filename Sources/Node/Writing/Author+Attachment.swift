import Objects
package import SystemPackage

extension Author {
    /// Stores a file of this computer, to go with a message.
    package func attachment(at path: FilePath) async throws -> NewAttachment {
        guard let file = try LocalFile.one(at: path), let name = file.names.last else {
            throw CommandError("\(path) is not a file: attach files one by one")
        }
        return NewAttachment(
            blob: try await putFile(file.path),
            name: name,
            mimeType: MIMEType.of(fileName: name),
            modified: file.modified
        )
    }
}

extension FilePath {
    /// The path as the kernel is given it, without the NUL.
    var bytes: [UInt8] {
        withPlatformString { Array(UnsafeBufferPointer(start: $0, count: length)) }.map { UInt8(bitPattern: $0) }
    }
}
