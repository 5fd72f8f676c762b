import Glibc
import Objects
import Storage
import SystemPackage
import TestSupport
import Testing

@Suite("Keychain")
struct KeychainTests {
    static let keys = ObjectHash(of: Array("keys".utf8))
    static let keyring = Keyring(random: SeededRandom(seed: 3))

    /// A root whose `private/` is that of the reference.
    private func aliceRoot() throws -> PosixFixture {
        let fixture = try PosixFixture()
        for (name, bytes) in try Fixtures.aliceFiles("private") {
            try fixture.scratch.write(bytes, to: "root/private/" + name)
        }
        return fixture
    }

    @Test func opensWhatTheReferenceSealed() throws {
        let fixture = try aliceRoot()
        let store = fixture.store
        _ = try store.put(try Fixtures.aliceFiles("objects").values.map { $0 })
        let keychain = try Keychain.unlock(in: fixture.root, secret: Fixtures.aliceSecret)
        let hashes = try [Fixtures.aliceInstanceKeys, Fixtures.aliceOwnerKeys].map { try #require(ObjectHash(hex: $0)) }
        #expect(try keychain.completeKeys() == hashes.sorted())
        for hash in hashes {
            let keyring = try #require(try keychain.keyring(of: hash))
            let object = try Microdata.object(from: try #require(try store.localBytes(of: hash)), .standard)
            #expect(object["publicKey"] == .string(Hex.text(keyring.box.publicKey)))
            #expect(object["publicSignKey"] == .string(Hex.text(keyring.sign.publicKey)))
        }
        let owner = try #require(IDHash(hex: Fixtures.aliceOwner))
        #expect(try keychain.completeKeys(of: owner, objects: store, .standard) == [hashes[1]])
        #expect(throws: KeychainError.wrongSecret) {
            try Keychain.unlock(in: fixture.root, secret: "alice-secret ")
        }
    }

    @Test func filesHaveTheSizesOfTheReference() throws {
        let fixture = try PosixFixture()
        let mask = umask(0)
        defer { umask(mask) }
        let keychain = try Keychain.create(in: fixture.root, secret: "s", random: SystemRandom())
        try keychain.add(Self.keyring, under: Self.keys)
        let sizes = try fixture.disk.list("private").map { entry in
            let status = try #require(try fixture.disk.status(at: DiskPath("private/" + entry.text)))
            #expect(status.permissions == 0o600)
            return "\(entry.text) \(status.byteCount)"
        }
        let expected = [
            "keychain_salt 16", "keychain_masterkey 72", "\(Self.keys.hex).encrypt 72", "\(Self.keys.hex).sign 104",
        ]
        #expect(Set(sizes) == Set(expected))
    }

    @Test func keepsKeysAcrossOpening() throws {
        let disk = MemoryDisk()
        _ = try MemoryFixture(disk)
        #expect(throws: KeychainError.missing) { try Keychain.unlock(on: disk, secret: "s") }
        #expect(try !Keychain.exists(on: disk))
        let keychain = try Keychain.create(on: disk, secret: "s", random: SeededRandom(seed: 1))
        #expect(try keychain.keyring(of: Self.keys) == nil)
        try keychain.add(Self.keyring, under: Self.keys)
        try keychain.add(Self.keyring, under: Self.keys)
        #expect(throws: KeychainError.self) { try keychain.add(Keyring(random: SeededRandom(seed: 4)), under: Self.keys) }
        let again = try Keychain.create(on: disk, secret: "s", random: SeededRandom(seed: 2))
        #expect(try again.keyring(of: Self.keys) == Self.keyring)
        #expect(throws: KeychainError.wrongSecret) {
            try Keychain.create(on: disk, secret: "t", random: SeededRandom(seed: 2))
        }
        #expect(try Keychain.exists(on: disk))
    }

    @Test func changedSecretOpensAndTheOldOneDoesNot() throws {
        let fixture = try aliceRoot()
        let keychain = try Keychain.unlock(in: fixture.root, secret: Fixtures.aliceSecret)
        let keys = try keychain.completeKeys()
        try keychain.changeSecret(to: "neues Geheimnis")
        #expect(throws: KeychainError.wrongSecret) {
            try Keychain.unlock(in: fixture.root, secret: Fixtures.aliceSecret)
        }
        let again = try Keychain.unlock(in: fixture.root, secret: "neues Geheimnis")
        for hash in keys { #expect(try again.keyring(of: hash) == keychain.keyring(of: hash)) }
        #expect(try fixture.disk.list("private").count == 6)
    }

    /// Whenever the power is cut, one of the two secrets opens the keychain; once the change is acknowledged, the new one.
    @Test func changeOfSecretSurvivesPowerCuts() throws {
        for cut in 1... {
            var wasCut = false
            for survival in PowerCutTests.survivals {
                let disk = MemoryDisk()
                _ = try MemoryFixture(disk)
                let keychain = try Keychain.create(on: disk, secret: "old", random: SeededRandom(seed: 1))
                try keychain.add(Self.keyring, under: Self.keys)
                disk.cutPower(at: disk.operationCount + cut)
                let isDone = (try? keychain.changeSecret(to: "new")) != nil
                wasCut = disk.isOff
                #expect(isDone != wasCut)
                disk.restart(survival)
                let secrets = isDone ? ["new"] : ["old", "new"]
                let opened = secrets.compactMap { try? Keychain.unlock(on: disk, secret: $0) }
                #expect(opened.count == 1, "cut at \(cut), \(survival) survives")
                #expect(try opened.first?.keyring(of: Self.keys) == Self.keyring)
            }
            if !wasCut { break }
        }
    }

    @Test func creationCanBeInterruptedAnywhere() throws {
        for cut in 1... {
            let disk = MemoryDisk()
            _ = try MemoryFixture(disk)
            disk.cutPower(at: disk.operationCount + cut)
            _ = try? Keychain.create(on: disk, secret: "s", random: SeededRandom(seed: 1))
            let wasCut = disk.isOff
            disk.restart(.some(seed: UInt64(cut)))
            let keychain = try Keychain.create(on: disk, secret: "s", random: SeededRandom(seed: 2))
            try keychain.add(Self.keyring, under: Self.keys)
            #expect(try Keychain.unlock(on: disk, secret: "s").keyring(of: Self.keys) == Self.keyring)
            if !wasCut { break }
        }
    }

    @Test func filesOthersMayReadAreRefused() throws {
        let fixture = try aliceRoot()
        for name in ["keychain_masterkey", "keychain_salt"] {
            let path = fixture.root.path.appending("private/" + name).string
            chmod(path, 0o640)
            #expect(throws: KeychainError.unsafe(name)) {
                try Keychain.unlock(in: fixture.root, secret: Fixtures.aliceSecret)
            }
            chmod(path, 0o600)
        }
    }

    @Test(arguments: ["keychain_masterkey", "keychain_salt", Fixtures.aliceOwnerKeys + ".sign"])
    func damagedFilesAreTold(_ name: String) throws {
        let fixture = try aliceRoot()
        let whole = try fixture.scratch.read("root/private/" + name)
        let variants: [[UInt8]] = [[], Array(whole.dropLast()), whole + [0], [whole[0] ^ 1] + whole.dropFirst()]
        for bytes in variants {
            try fixture.scratch.write(bytes, to: "root/private/" + name)
            #expect(throws: KeychainError.self) {
                let keychain = try Keychain.unlock(in: fixture.root, secret: Fixtures.aliceSecret)
                for hash in try keychain.completeKeys() { _ = try keychain.keyring(of: hash) }
            }
        }
    }
}

@Suite("Secret file")
struct SecretFileTests {
    @Test func isMadeOnceForOneUserOnly() throws {
        let scratch = try Scratch()
        let mask = umask(0)
        defer { umask(mask) }
        let file = SecretFile(scratch.path.appending("config/iom/secret"))
        #expect(throws: SecretFile.Failure.missing(file.path)) { try file.read() }
        let secret = try file.readOrMake(random: SystemRandom())
        #expect(secret.count == 64)
        #expect(try file.readOrMake(random: SystemRandom()) == secret)
        #expect(throws: SecretFile.Failure.unsafe(file.path)) { try file.make(random: SystemRandom()) }
        var status = stat()
        stat(file.path.string, &status)
        #expect(status.st_mode & 0o7777 == 0o600)
        #expect(try PosixDisk(scratch.path.appending("config/iom")).list(".").count == 1)
    }

    @Test func looseOrMalformedIsRefused() throws {
        let scratch = try Scratch()
        let file = SecretFile(scratch.path.appending("secret"))
        try scratch.write(Array("  a secret \n".utf8), to: "secret")
        #expect(try file.read() == "  a secret ")
        for mode: UInt32 in [0o640, 0o604, 0o620, 0o666] {
            chmod(file.path.string, mode)
            #expect(throws: SecretFile.Failure.unsafe(file.path)) { try file.read() }
        }
        chmod(file.path.string, 0o600)
        let malformed: [[UInt8]] = [[], [0x0A], Array("a\nb\n".utf8), [0xFF], [UInt8](repeating: 0x61, count: 5000)]
        for bytes in malformed {
            try scratch.write(bytes, to: "secret")
            #expect(throws: SecretFile.Failure.malformed(file.path)) { try file.read() }
        }
        unlink(file.path.string)
        symlink("/etc/hostname", file.path.string)
        #expect(throws: SecretFile.Failure.unsafe(file.path)) { try file.read() }
    }

    @Test func credentialOfSystemdIsReadWhateverItsMode() throws {
        let scratch = try Scratch()
        try scratch.write(Array("from systemd".utf8), to: "iom.secret")
        chmod(scratch.path.appending("iom.secret").string, 0o440)
        #expect(try SecretFile(credential: "iom.secret", in: scratch.path).read() == "from systemd")
    }
}

@Suite("Pins")
struct PinsTests {
    @Test func areKeptAsLines() throws {
        let disk = MemoryDisk()
        _ = try MemoryFixture(disk)
        #expect(try Pins(on: disk).pins.isEmpty)
        var pins = Pins()
        let hash = ObjectHash(of: [1])
        let composed = try #require(Pins.Pin("conversations/caf\u{e9}"))
        let decomposed = try #require(Pins.Pin("conversations/cafe\u{301}"))
        for pin in [composed, Pins.Pin(hash), decomposed, composed] { pins.insert(pin) }
        #expect(pins.pins == [composed, Pins.Pin(hash), decomposed])
        #expect(pins.pins.map(\.hash) == [nil, hash, nil])
        try pins.write(on: disk, random: SeededRandom(seed: 1))
        #expect(try Pins(on: disk) == pins)
        pins.remove(composed)
        try pins.write(on: disk, random: SeededRandom(seed: 1))
        disk.restart(.nothing)
        #expect(try Pins(on: disk) == pins)
        #expect(!pins.contains(composed) && pins.contains(decomposed))
        for text in ["", "a\nb", "a\0b", String(repeating: "x", count: 5000)] { #expect(Pins.Pin(text) == nil) }
    }
}
