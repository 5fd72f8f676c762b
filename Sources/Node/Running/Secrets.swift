import Glibc
import Objects
import Storage
package import SystemPackage

/// Where the secret comes from that unseals the keys: a file, or what systemd hands over.
package enum Secrets {
    /// Name of the credential (systemd.exec(5), LoadCredential=).
    private static let credential: FilePath.Component = "iom-secret"

    package static func read(at path: FilePath) throws -> String {
        do throws(SecretFile.Failure) {
            return try file(at: path).read()
        } catch {
            throw CommandError("\(error)")
        }
    }

    /// The same, with the reason where there is none.
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

    private static func file(at path: FilePath) -> SecretFile {
        if let directory = getenv("CREDENTIALS_DIRECTORY").map({ FilePath(String(cString: $0)) }),
            access(directory.appending(credential).string, R_OK) == 0
        {
            return SecretFile(credential: credential, in: directory)
        }
        return SecretFile(path)
    }
}
