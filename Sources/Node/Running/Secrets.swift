import Glibc
import Objects
import Storage
package import SystemPackage

/// Where the secret comes from that unseals the keys: a file, or what systemd hands over.
package enum Secrets {
    /// Name of the credential (systemd.exec(5), LoadCredential=).
    private static let credential: FilePath.Component = "iom-secret"
    private static let byteCountMax = 4_096

    package static func read(at path: FilePath) throws -> String {
        do throws(SecretFile.Failure) {
            return try file(at: path).read()
        } catch {
            throw CommandError("\(error)")
        }
    }

    /// A secret of somewhere else, given once: one line of any file or pipe, however it is guarded.
    package static func readOnce(at path: FilePath) throws -> String {
        do {
            let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
            defer { try? file.close() }
            var bytes: [UInt8] = []
            var piece = [UInt8](repeating: 0, count: byteCountMax)
            while bytes.count <= byteCountMax,
                case let count = try piece.withUnsafeMutableBytes({ try file.read(into: $0) }),
                count > 0
            {
                bytes += piece.prefix(count)
            }
            let line = bytes.last == 0x0A ? bytes.dropLast() : bytes[...]
            guard bytes.count <= byteCountMax, !line.isEmpty, !line.contains(0x0A),
                let secret = String(validating: line, as: UTF8.self)
            else { throw CommandError("\(path) is not one line of text") }
            return secret
        } catch let error as Errno {
            throw CommandError("\(path): \(error)")
        }
    }

    /// As `read`, with the reason where there is none.
    package static func result(at path: FilePath) -> Result<String, CommandError> {
        do {
            return .success(try read(at: path))
        } catch {
            return .failure(CommandError(explaining: error))
        }
    }

    /// Makes a secret where there is none yet.
    package static func readOrMake(at path: FilePath) throws -> String {
        do throws(SecretFile.Failure) {
            return try file(at: path).readOrMake(random: SystemRandom())
        } catch {
            throw CommandError("\(error)")
        }
    }

    /// The file it is in, there or not.
    static func file(at path: FilePath) -> SecretFile {
        if let directory = getenv("CREDENTIALS_DIRECTORY").map({ FilePath(String(cString: $0)) }),
            access(directory.appending(credential).string, R_OK) == 0
        {
            return SecretFile(credential: credential, in: directory)
        }
        return SecretFile(path)
    }
}
