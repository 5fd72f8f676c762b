import Glibc
import Objects
import Storage
import SystemPackage
import TestSupport
import Testing

@Suite("Adoption")
struct AdoptionTests {
    /// A copy of the fixture that may be damaged.
    static func copyOfAlice(_ scratch: Scratch) throws -> FilePath {
        let base = scratch.path.appending("OneDB")
        try #require(Scratch.run("cp", "-r", Fixtures.alice.string, base.string) == 0)
        return base
    }

    @Test func everythingOfAliceComesIn() async throws {
        let fixture = try PosixFixture()
        let source = try AdoptionSource.choose(in: Fixtures.alice, nil)
        #expect(source.instanceID.hex == Fixtures.aliceID && source.name == "fx-alice-node")
        let before = Scratch.listing(Fixtures.alice)
        var stored: [KnownObject] = []
        var steps: [Int] = []
        let report = try await Adoption(source, into: fixture.store).run { done, total in
            #expect(total == 2053)
            steps.append(done)
        } stored: {
            stored += $0
        }
        #expect(report.objectCount == 2053 && report.newCount == 2053 && report.knownCount == 0)
        #expect(report.headCount == 102 && report.setHeadCount == 102 && report.findings.isEmpty)
        #expect(steps.last == 2053 && steps == steps.sorted())
        #expect(Set(stored.map(\.hash)).count == 2053)

        let files = try Fixtures.aliceFiles("objects")
        for (name, bytes) in files {
            #expect(try fixture.store.localBytes(of: #require(ObjectHash(hex: name))) == bytes)
        }
        for known in stored {
            let bytes = try #require(files[known.hash.hex])
            #expect(known == KnownObject(hash: known.hash, bytes: bytes))
        }
        for (name, bytes) in try Fixtures.aliceFiles("vheads") {
            let head = try fixture.store.head(of: #require(IDHash(hex: name)))
            #expect(head.map { Array($0.hex.utf8) } == bytes)
        }
        #expect(Scratch.listing(Fixtures.alice) == before)

        let again = try await Adoption(source, into: fixture.store).run()
        #expect(again.knownCount == 2053 && again.newCount == 0 && again.setHeadCount == 102)
        #expect(try fixture.leftovers().isEmpty)
    }

    @Test func damagedObjectsAreNamedAndLeftOut() async throws {
        let fixture = try PosixFixture()
        let base = try Self.copyOfAlice(fixture.scratch)
        let objects = base.appending(Fixtures.aliceID).appending("objects")
        let names = try Fixtures.aliceFiles("objects").filter { $0.value.count > 100 }.keys.sorted()
        // ONE.CORE leaves truncated and empty files after a crash (one-format 3.3).
        truncate(objects.appending(names[0]).string, 50)
        truncate(objects.appending(names[1]).string, 0)
        unlink(objects.appending(names[2]).string)
        mkfifo(objects.appending(names[2]).string, 0o644)
        symlink("/etc/passwd", objects.appending(String(repeating: "0", count: 64)).string)
        try fixture.scratch.write([1], to: "OneDB/\(Fixtures.aliceID)/objects/.DS_Store")
        let report = try await Adoption(AdoptionSource.choose(in: base, nil), into: fixture.store).run()
        #expect(Set(report.damaged) == ["objects/" + names[0], "objects/" + names[1]])
        let foreign = report.findings.filter { $0.kind == .foreign }.map(\.path)
        #expect(
            Set(foreign) == Set([names[2], String(repeating: "0", count: 64), ".DS_Store"].map { "objects/" + $0 })
        )
        #expect(report.newCount == 2050)
        for name in names.prefix(3) { #expect(try !fixture.store.contains(#require(ObjectHash(hex: name)))) }
        #expect(try fixture.store.quarantinedFiles().isEmpty)
        #expect(try fixture.leftovers().isEmpty)
    }

    @Test func badHeadsAreReportedAndGoodOnesKept() async throws {
        let fixture = try PosixFixture()
        let base = try Self.copyOfAlice(fixture.scratch)
        let heads = try Fixtures.aliceFiles("vheads").keys.sorted()
        let folder = "OneDB/\(Fixtures.aliceID)/vheads/"
        try fixture.scratch.write([], to: folder + heads[0])
        try fixture.scratch.write(Array("x".utf8), to: folder + heads[1])
        try fixture.scratch.write(Array(String(repeating: "1", count: 64).utf8), to: folder + heads[2])
        // An object, but no version node.
        try fixture.scratch.write(Array(Fixtures.aliceInstanceKeys.utf8), to: folder + heads[3])
        try fixture.scratch.write([], to: folder + "README")
        let ours = IDHash(try #require(ObjectHash(hex: heads[4])))
        let node = try fixture.store.put(Array("not related".utf8)).hash
        try fixture.store.setHead(node, of: ours)
        let report = try await Adoption(AdoptionSource.choose(in: base, nil), into: fixture.store).run()
        #expect(report.headCount == 102 && report.setHeadCount == 97)
        let kinds = report.findings.map { "\($0.kind.rawValue) \($0.path)" }
        #expect(
            Set(kinds)
                == [
                    "emptyHead vheads/\(heads[0])", "damagedHead vheads/\(heads[1])",
                    "headWithoutNode vheads/\(heads[2])", "headWithoutNode vheads/\(heads[3])",
                    "otherHead vheads/\(heads[4])", "foreign vheads/README",
                ]
        )
        #expect(try fixture.store.head(of: ours) == node)
    }

    /// What was written here after the first adoption is not undone by a second one; what ONE.CORE went on to write comes.
    @Test func headsGoForwardOnly() async throws {
        let fixture = try PosixFixture()
        let book = RecipeBook.standard
        func node(_ link: VersionNode.Link, _ depth: Double) throws -> EncodedObject {
            let data = try #require(ObjectHash(hex: Fixtures.aliceInstanceKeys))
            let version = VersionNode(link: link, data: data, depth: depth, creationTime: depth)
            return try EncodedObject(version.object, book)
        }
        let first = try node(.edge, 0)
        let second = try node(.change(previous: first.hash), 1)
        let third = try node(.change(previous: second.hash), 2)
        let base = try Self.copyOfAlice(fixture.scratch)
        let id = try #require(try Fixtures.aliceFiles("vheads").keys.min())
        let idHash = try #require(IDHash(hex: id))
        for object in [first, second, third] {
            try fixture.scratch.write(object.bytes, to: "OneDB/\(Fixtures.aliceID)/objects/\(object.hash.hex)")
        }
        for (theirs, ours, expected) in [(second, first, second), (second, third, third), (second, second, second)] {
            _ = try fixture.store.put([first, second, third].map(\.bytes))
            try fixture.scratch.write(Array(theirs.hash.hex.utf8), to: "OneDB/\(Fixtures.aliceID)/vheads/\(id)")
            try fixture.store.setHead(ours.hash, of: idHash)
            let report = try await Adoption(AdoptionSource.choose(in: base, nil), into: fixture.store).run()
            #expect(report.findings.isEmpty)
            #expect(try fixture.store.head(of: idHash) == expected.hash)
        }
    }

    @Test func interruptedAdoptionGoesOn() async throws {
        let fixture = try PosixFixture()
        let source = try AdoptionSource.choose(in: Fixtures.alice, nil)
        struct Interruption: Error {}
        await #expect(throws: Interruption.self) {
            try await Adoption(source, into: fixture.store).run(stored: { _ in throw Interruption() })
        }
        var count = 0
        try fixture.store.forEachObject { _, _ in count += 1 }
        #expect(count > 0 && count < 2053)
        let store = try ObjectStore(
            root: fixture.root,
            disk: fixture.disk,
            verdicts: VerdictMemory(),
            random: SystemRandom()
        )
        let report = try await Adoption(source, into: store).run()
        #expect(report.knownCount == count && report.newCount == 2053 - count && report.setHeadCount == 102)
    }

    @Test func linksAreMadeOnlyIfAsked() async throws {
        let fixture = try PosixFixture()
        let base = try Self.copyOfAlice(fixture.scratch)
        let source = try AdoptionSource.choose(in: base, nil)
        let report = try await Adoption(source, into: fixture.store, usesLinks: true).run()
        #expect(report.linkedCount == 2053 && report.findings.isEmpty)
        let hash = try #require(ObjectHash(hex: Fixtures.aliceOwnerKeys))
        var (theirs, ours) = (stat(), stat())
        lstat(source.path.appending("objects/\(hash.hex)").string, &theirs)
        lstat(fixture.scratch.path.appending(fixture.place(of: hash)).string, &ours)
        #expect(theirs.st_ino == ours.st_ino && theirs.st_nlink == 2)
        #expect(try fixture.store.localByteCount(of: hash) == Int(theirs.st_size))
        // Who changes the other file is found out.
        try fixture.scratch.write([1, 2, 3], to: "OneDB/\(Fixtures.aliceID)/objects/\(hash.hex)")
        #expect(try fixture.store.localBytes(of: hash) == nil)
    }

    @Test func keysComeWithTheRightSecretOnly() throws {
        let fixture = try PosixFixture()
        let source = try AdoptionSource.choose(in: Fixtures.alice, "fx-alice-node")
        let adoption = Adoption(source, into: fixture.store)
        let keychain = try Keychain.create(in: fixture.root, secret: "ours", random: SystemRandom())
        #expect(throws: KeychainError.wrongSecret) { try adoption.adoptKeys(secret: "wrong", into: keychain) }
        #expect(try keychain.completeKeys().isEmpty)
        for _ in 0..<2 {
            let keys = try adoption.adoptKeys(secret: Fixtures.aliceSecret, into: keychain)
            #expect(keys.map(\.hex) == [Fixtures.aliceOwnerKeys, Fixtures.aliceInstanceKeys].sorted())
        }
        let theirs = try source.keychain(secret: Fixtures.aliceSecret)
        let ours = try Keychain.unlock(in: fixture.root, secret: "ours")
        for keys in try theirs.completeKeys() { #expect(try ours.keyring(of: keys) == theirs.keyring(of: keys)) }
        #expect(throws: KeychainError.self) {
            try adoption.copyKeychain(secret: Fixtures.aliceSecret, random: SystemRandom())
        }
        #expect(throws: Never.self) { try Keychain.unlock(in: fixture.root, secret: "ours") }
    }

    @Test func `Of several keys of an owner those count that ONE.CORE would take`() throws {
        let scratch = try Scratch()
        let base = try Self.copyOfAlice(scratch)
        let source = try AdoptionSource.choose(in: base, nil)
        let owner = try #require(ObjectHash(hex: Fixtures.aliceOwner))
        let own = try #require(ObjectHash(hex: Fixtures.aliceOwnerKeys))
        // One that somebody else sent, and one that came later.
        let foreign = try #require(ObjectHash(hex: String(repeating: "0", count: 64)))
        let later = try #require(ObjectHash(hex: String(repeating: "1", count: 64)))
        for suffix in [".encrypt", ".sign"] {
            try scratch.write([1], to: "OneDB/\(Fixtures.aliceID)/private/\(later.hex)\(suffix)")
        }
        let map = "OneDB/\(Fixtures.aliceID)/rmaps/\(owner.hex).Object.Keys"
        let lines = [foreign, own, later].map { $0.hex + "\n" }.joined()
        unlink(scratch.path.appending(map).string)
        try scratch.write(Array(lines.utf8), to: map)
        #expect(source.defaultKeys(of: owner, among: [foreign, later, own]) == own)
        unlink(scratch.path.appending(map).string)
        #expect(source.defaultKeys(of: owner, among: [foreign, later]) == later)
        #expect(source.defaultKeys(of: owner, among: [foreign]) == foreign)
        #expect(source.defaultKeys(of: owner, among: []) == nil)
    }

    @Test func `An instance whose objects are in directories is found by its name`() throws {
        let scratch = try Scratch()
        let base = try Self.copyOfAlice(scratch)
        let objects = base.appending(Fixtures.aliceID).appending("objects").string
        let script = "cd '\(objects)' && for f in *; do d=${f%${f#??}}; mkdir -p $d && mv $f $d/; done"
        try #require(Scratch.run("sh", "-c", script) == 0)
        #expect(try AdoptionSource.choose(in: base, "fx-alice-node").instanceID.hex == Fixtures.aliceID)
    }

    @Test func keychainCanBeCopiedAsItIs() throws {
        let fixture = try PosixFixture()
        let adoption = Adoption(try AdoptionSource.choose(in: Fixtures.alice, nil), into: fixture.store)
        #expect(throws: KeychainError.wrongSecret) { try adoption.copyKeychain(secret: "x", random: SystemRandom()) }
        for _ in 0..<2 {
            let keychain = try adoption.copyKeychain(secret: Fixtures.aliceSecret, random: SystemRandom())
            #expect(try keychain.completeKeys().count == 2)
        }
        for (name, bytes) in try Fixtures.aliceFiles("private") {
            #expect(try fixture.scratch.read("root/private/" + name) == bytes)
        }
    }

    @Test func severalInstancesAreToldApart() throws {
        let scratch = try Scratch()
        let base = try Self.copyOfAlice(scratch)
        let other = String(repeating: "b", count: 64)
        mkdir(base.appending(other).string, 0o755)
        mkdir(base.appending(other + "/objects").string, 0o755)
        mkdir(base.appending("not-an-instance").string, 0o755)
        try scratch.write(Array("{}".utf8), to: "OneDB/SettingsStore")
        let sources = try AdoptionSource.all(in: base)
        #expect(sources.map(\.instanceID.hex) == [Fixtures.aliceID, other])
        #expect(throws: AdoptionSource.Failure.several(sources)) { try AdoptionSource.choose(in: base, nil) }
        #expect(try AdoptionSource.choose(in: base, "9ae4") == sources[0])
        #expect(try AdoptionSource.choose(in: base, "fx-alice-node") == sources[0])
        #expect(try AdoptionSource.choose(in: base.appending(other), nil) == sources[1])
        #expect(throws: AdoptionSource.Failure.none(base)) { try AdoptionSource.choose(in: base, "c") }
        #expect(throws: AdoptionSource.Failure.self) { try AdoptionSource.all(in: "/nowhere") }
    }
}
