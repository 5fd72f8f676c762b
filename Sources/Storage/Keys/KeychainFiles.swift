import Glibc
import Objects
import SystemPackage

/// The files of `private/`, as ONE.CORE has them (one-format 6), read and replaced whole.
struct KeychainFiles: Sendable {
    let disk: any Disk
    private let incoming: Incoming
    /// Whether files that others may read are refused: in a root of ours, not in a directory of ONE.CORE.
    private let isStrict: Bool

    static let encryptSuffix = ".encrypt"
    static let signSuffix = ".sign"
    static let salt = "keychain_salt"
    static let masterKey = "keychain_masterkey"
    /// Written while the secret is changed; see `Keychain.changeSecret`.
    static let newSalt = salt + ".new"
    static let newMasterKey = masterKey + ".new"

    /// The largest is 104 bytes.
    private static let byteCountMax = 256

    init(
        on disk: any Disk,
        random: any RandomSource,
        isStrict: Bool,
        staging: DiskPath = Root.Place.incoming
    ) {
        (self.disk, self.isStrict) = (disk, isStrict)
        incoming = Incoming(on: disk, random: random, in: staging)
    }

    private func path(_ name: String) -> DiskPath { Root.Place.secretKeys.appending(name) }

    func exists(_ name: String) throws(KeychainError) -> Bool {
        try from("looking at private/\(name)") { () throws(Errno) in try disk.status(at: path(name)) != nil }
    }

    /// nil: there is none.
    func read(_ name: String) throws(KeychainError) -> [UInt8]? {
        guard try exists(name) else { return nil }
        var isUnsafe = false
        let bytes = try from("reading private/\(name)") { () throws(Errno) in
            let file = try OpenFile(path(name), .read, on: disk)
            let status = try file.status()
            isUnsafe =
                status.kind != .file || isStrict && (status.permissions & 0o077 != 0 || status.ownerID != geteuid())
            return isUnsafe ? [] : try file.read(0..<Self.byteCountMax)
        }
        if isUnsafe { throw .unsafe(name) }
        return bytes
    }

    /// Durable on return.
    func write(_ bytes: [UInt8], to name: String) throws(KeychainError) {
        try from("writing private/\(name)") { () throws(Errno) in
            try incoming.replace(path(name), in: Root.Place.secretKeys, with: bytes, permissions: 0o600)
        }
    }

    /// Gives a file the name of another one, durable on return.
    func move(_ name: String, over other: String) throws(KeychainError) {
        try from("renaming private/\(name)") { () throws(Errno) in
            try disk.replace(path(other), by: path(name))
            try disk.synchronizeDirectory(Root.Place.secretKeys)
        }
    }

    func names() throws(KeychainError) -> [String] {
        try from("listing private/") { () throws(Errno) in
            try disk.list(Root.Place.secretKeys).map(\.text).sorted()
        }
    }

    /// The `Keys` objects of which both secret halves are here, in order; their names tell, without a secret.
    func completeKeys() throws(KeychainError) -> [ObjectHash] {
        let names = Set(try names().map { Array($0.utf8) })
        return names.compactMap { name in
            let digits = name.prefix(2 * ObjectHash.byteCount)
            guard name == digits + Array(Self.encryptSuffix.utf8), names.contains(digits + Array(Self.signSuffix.utf8))
            else { return nil }
            return ObjectHash(hex: digits)
        }.sorted()
    }

    private func from<Result>(
        _ action: @autoclosure () -> String,
        _ body: () throws(Errno) -> Result
    ) throws(KeychainError) -> Result {
        do throws(Errno) { return try body() } catch { throw .system(error, action()) }
    }
}
