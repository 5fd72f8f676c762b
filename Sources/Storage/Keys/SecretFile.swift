import Glibc
package import Objects
package import SystemPackage

/// A file with the secret that unseals a keychain: one line of text, mode 0600, outside the root.
package struct SecretFile: Sendable {
    /// Why it cannot be used.
    package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        case missing(FilePath)
        /// Others may read or write it, or own it.
        case unsafe(FilePath)
        /// Empty, too long, more than one line, or not UTF-8.
        case malformed(FilePath)
        case system(Errno, FilePath)

        package var description: String {
            switch self {
            case .missing(let path): "there is no secret in \(path)"
            case .unsafe(let path): "\(path) can be read or written by others: chmod 600 it"
            case .malformed(let path): "\(path) is not one line of text"
            case .system(let error, let path): "\(path): \(error)"
            }
        }
    }

    package let path: FilePath
    /// systemd owns what it passes, and guards it otherwise (systemd.exec(5), "LoadCredential").
    private let isCredential: Bool

    private static let byteCountMax = 4096

    package init(_ path: FilePath) { (self.path, isCredential) = (path, false) }

    /// A credential passed by systemd in the directory that `$CREDENTIALS_DIRECTORY` names.
    package init(credential name: FilePath.Component, in directory: FilePath) {
        (path, isCredential) = (directory.appending(name), true)
    }

    /// The secret, without the line end.
    package func read() throws(Failure) -> String {
        let bytes: [UInt8]
        do throws(Errno) {
            let disk = try PosixDisk(directory)
            let file = try OpenFile(name, .read, on: disk)
            let status = try file.status()
            let isPrivate = status.permissions & 0o077 == 0 && status.ownerID == geteuid()
            guard status.kind == .file, isCredential || isPrivate else { throw .permissionDenied }
            bytes = try file.read(0..<Self.byteCountMax + 1)
        } catch {
            switch error {
            case .noSuchFileOrDirectory: throw .missing(path)
            case .permissionDenied, .tooManySymbolicLinkLevels: throw .unsafe(path)
            default: throw .system(error, path)
            }
        }
        let line = bytes.last == 0x0A ? bytes.dropLast() : bytes[...]
        guard bytes.count <= Self.byteCountMax, !line.isEmpty, !line.contains(0x0A), !line.contains(0),
            let text = String(validating: line, as: UTF8.self)
        else { throw .malformed(path) }
        return text
    }

    /// Makes a secret of 256 random bits, and directories of mode 0700 above it; durable on return. `.unsafe` if anything is
    /// there already.
    package func make(random: any RandomSource) throws(Failure) -> String {
        let secret = Hex.text(random.bytes(Self.randomByteCount))
        do throws(Errno) {
            try PosixDisk.makeDirectories(directory)
            let disk = try PosixDisk(directory)
            let staged = DiskPath(".secret-" + Hex.text(random.bytes(8)))
            do throws(Errno) {
                var file = try OpenFile(staged, .create(permissions: 0o600), on: disk)
                try file.append(Array((secret + "\n").utf8))
                try file.synchronize()
                try file.close()
                try disk.publish(staged, as: name)
            } catch {
                try? disk.remove(staged)
                throw error
            }
            try disk.synchronizeDirectory(".")
        } catch {
            throw error == .fileExists ? .unsafe(path) : .system(error, path)
        }
        return secret
    }

    /// The secret of the file, which is made if there is none.
    package func readOrMake(random: any RandomSource) throws(Failure) -> String {
        do throws(Failure) {
            return try read()
        } catch {
            guard case .missing = error else { throw error }
            return try make(random: random)
        }
    }

    private static let randomByteCount = 32

    private var directory: FilePath {
        let directory = path.removingLastComponent()
        return directory.isEmpty ? "." : directory
    }

    private var name: DiskPath { DiskPath(path.lastComponent?.string ?? "") }
}
