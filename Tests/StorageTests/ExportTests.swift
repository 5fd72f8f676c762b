import Glibc
import Objects
import Storage
import SystemPackage
import TestSupport
import Testing

/// What ONE.CORE finds when it opens an export.
@Suite("Export")
struct ExportTests {
    private static let secret = "another-secret"

    /// Alice's store, brought in.
    private static func alice() async throws -> (fixture: PosixFixture, source: AdoptionSource) {
        let fixture = try PosixFixture()
        let source = try AdoptionSource.choose(in: Fixtures.alice, nil)
        _ = try await Adoption(source, into: fixture.store).run()
        return (fixture, source)
    }

    private static func export(_ fixture: PosixFixture, _ source: AdoptionSource) throws -> Export {
        try Export(
            of: fixture.store,
            source.instanceID,
            to: fixture.scratch.path.appending("out/OneDB"),
            .standard,
            .standard
        )
    }

    private static func keys(_ source: AdoptionSource) throws -> [(hash: ObjectHash, keyring: Keyring)] {
        let keychain = try source.keychain(secret: "alice-secret")
        return try keychain.completeKeys().map { ($0, try #require(try keychain.keyring(of: $0))) }
    }

    /// The files of a directory by name.
    private static func files(_ directory: FilePath) throws -> [String: [UInt8]] {
        let disk = try PosixDisk(directory)
        var files: [String: [UInt8]] = [:]
        for entry in try disk.list(".") {
            let file = try OpenFile(DiskPath(entry.text), .read, on: disk)
            files[entry.text] = try file.read(0..<file.status().byteCount)
        }
        return files
    }

    private static func sorted(_ lines: [UInt8]) -> [[UInt8]] {
        lines.split(separator: 0x0A).map(Array.init).sorted { $0.lexicographicallyPrecedes($1) }
    }

    @Test func everythingOfAliceGoesOutAsItCameIn() async throws {
        let (fixture, source) = try await Self.alice()
        let export = try Self.export(fixture, source)
        let report = try export.run(keys: Self.keys(source), secret: Self.secret, random: SystemRandom())
        #expect(report.isComplete && report.objectCount == 2053 && report.headCount == 102)
        for area in ["objects", "vheads"] {
            #expect(try Self.files(export.path.appending(area)) == Fixtures.aliceFiles(area))
        }
        let (maps, expected) = (
            try Self.files(export.path.appending("rmaps")), try Fixtures.aliceFiles("rmaps")
        )
        #expect(Set(maps.keys) == Set(expected.keys))
        for (name, lines) in expected {
            #expect(maps[name].map(Self.sorted) == Self.sorted(lines), "\(name)")
            #expect(maps[name]?.count == lines.count, "\(name)")
        }
        #expect(try Self.files(export.path.appending("tmp")).isEmpty)
    }

    @Test func theKeysOpenWithTheGivenSecretOnly() async throws {
        let (fixture, source) = try await Self.alice()
        let keys = try Self.keys(source)
        let export = try Self.export(fixture, source)
        _ = try export.run(keys: keys, secret: Self.secret, random: SystemRandom())
        let written = try AdoptionSource.choose(in: export.path.removingLastComponent(), nil)
        #expect(written.instanceID == source.instanceID && written.name == source.name)
        let keychain = try written.keychain(secret: Self.secret)
        #expect(try keychain.completeKeys() == keys.map(\.hash).sorted())
        for (hash, keyring) in keys { #expect(try keychain.keyring(of: hash) == keyring) }
        #expect(throws: KeychainError.wrongSecret) { try written.keychain(secret: "alice-secret") }
        var status = stat()
        #expect(stat(export.path.appending("private").string, &status) == 0 && status.st_mode & 0o777 == 0o700)

        // Brought in again it is the same.
        let other = try PosixFixture()
        let again = try await Adoption(written, into: other.store).run()
        #expect(again.newCount == 2053 && again.setHeadCount == 102 && again.findings.isEmpty)
        try other.store.forEachHead { id, node in
            let expected = try fixture.store.head(of: id)
            #expect(expected == node)
        }
    }

    @Test func `Types nobody here knows go out with their lines, and the owner's keys are the first`() async throws {
        let (fixture, source) = try await Self.alice()
        let owner = try #require(ObjectHash(hex: Fixtures.aliceOwner))
        let text = #"<div itemscope itemtype="//refin.io/Badge"><a itemprop="of" data-type="id">\#(owner)</a></div>"#
        let badge = try fixture.store.put(Array(text.utf8)).hash
        // Somebody else's word, which would be first by its name.
        var keys = OneObject(
            "Keys",
            [("owner", .reference(owner)), ("publicSignKey", .string(String(repeating: "b", count: 64)))]
        )
        var foreign = try #require(ObjectHash(hex: Fixtures.aliceOwnerKeys))
        for number in 0..<100 where foreign.hex >= Fixtures.aliceOwnerKeys {
            let digits = "\(number)"
            keys["publicKey"] = .string(String(repeating: "a", count: 64 - digits.count) + digits)
            let encoded = try EncodedObject(keys, .standard)
            if encoded.hash.hex < Fixtures.aliceOwnerKeys { foreign = try fixture.store.put(encoded.bytes).hash }
        }
        var maps = ReverseMaps.standard
        let names = Value.list([.string("of")])
        maps.enable(by: OneObject("Instance", [("enabledReverseMapTypes", .map([.init(.string("Badge"), names)]))]))
        let export = try Export(
            of: fixture.store,
            source.instanceID,
            to: fixture.scratch.path.appending("out/OneDB"),
            .standard,
            maps
        )
        _ = try export.run(keys: Self.keys(source), secret: Self.secret, random: SystemRandom())
        let written = try Self.files(export.path.appending("rmaps"))
        #expect(written["\(owner.hex).Object.Badge"] == Array("\(badge.hex)\n".utf8))
        let lines = "\(Fixtures.aliceOwnerKeys)\n\(foreign.hex)\n"
        #expect(written["\(owner.hex).Object.Keys"] == Array(lines.utf8))
    }

    @Test func anInterruptedOneGoesOn() async throws {
        struct Interrupted: Error {}
        let (fixture, source) = try await Self.alice()
        #expect(throws: Interrupted.self) {
            try Self.export(fixture, source).run(keys: [], secret: Self.secret, random: SystemRandom()) { done in
                if done == 700 { throw Interrupted() }
            }
        }
        let export = try Self.export(fixture, source)
        // Nobody opens half of it.
        #expect(throws: KeychainError.missing) {
            try AdoptionSource.choose(in: export.path.removingLastComponent(), nil).keychain(secret: Self.secret)
        }
        _ = try export.run(keys: Self.keys(source), secret: Self.secret, random: SystemRandom())
        #expect(try Self.files(export.path.appending("objects")) == Fixtures.aliceFiles("objects"))
        #expect(
            try Self.files(export.path.appending("rmaps")).mapValues(\.count)
                == Fixtures.aliceFiles("rmaps").mapValues(\.count)
        )
    }

    @Test func anInstanceThatIsThereIsLeftAlone() async throws {
        let (fixture, source) = try await Self.alice()
        let export = try Self.export(fixture, source)
        _ = try export.run(keys: Self.keys(source), secret: Self.secret, random: SystemRandom())
        let before = Scratch.listing(export.path)
        #expect(throws: Export.Failure.occupied(export.path)) { try Self.export(fixture, source) }
        #expect(Scratch.listing(export.path) == before)
    }

    @Test func wrongBytesAreNamedAndLeftOut() async throws {
        let (fixture, source) = try await Self.alice()
        var damaged: ObjectHash?
        try fixture.store.forEachObject { hash, byteCount in if byteCount > 100, damaged == nil { damaged = hash } }
        let hash = try #require(damaged)
        let file = fixture.root.path.pushing("objects").appending(String(hash.hex.prefix(2))).appending(hash.hex)
        #expect(chmod(file.string, 0o644) == 0 && truncate(file.string, 50) == 0)
        let export = try Self.export(fixture, source)
        let report = try export.run(keys: [], secret: Self.secret, random: SystemRandom())
        #expect(report.lost == [hash] && !report.isComplete && report.objectCount == 2052)
        #expect(try Self.files(export.path.appending("objects"))[hash.hex] == nil)
    }
}
