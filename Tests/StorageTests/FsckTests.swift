import Glibc
import Objects
import Storage
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite("Fsck")
struct FsckTests {
    /// A store with everything of the fixture.
    static func alice() async throws -> PosixFixture {
        let fixture = try PosixFixture()
        _ = try await Adoption(AdoptionSource.choose(in: Fixtures.alice, nil), into: fixture.store).run()
        return fixture
    }

    static func kinds(_ report: FsckReport) -> [String] {
        report.findings.map { "\($0.kind.rawValue) \($0.path)" }.sorted()
    }

    @Test func wholeStoreIsClean() async throws {
        let fixture = try await Self.alice()
        for repairs in [false, true] {
            for depth in [Fsck.Depth.full, .fast] {
                let steps = Mutex<[Int]>([])
                let report = try await Fsck(fixture.store, depth: depth, repairs: repairs).run { done, total in
                    #expect(total == 2053)
                    steps.withLock { $0.append(done) }
                }
                #expect(
                    report.findings.isEmpty && report.exitCode == 0,
                    Comment(rawValue: report.lines.joined(separator: "\n"))
                )
                #expect(report.objectCount == 2053 && report.headCount == 102)
                #expect(depth == .fast || report.referenceCount > 2000)
                #expect(report.unreadTypeCount == 0)
                #expect(steps.withLock { $0.sorted() } == Array(1...2053))
            }
        }
    }

    /// Objects of the fixture by what refers to them.
    private struct Victims {
        let fixture: PosixFixture
        /// Text or bytes of a message.
        let attachment: ObjectHash
        let heads: [IDHash: ObjectHash]

        init() async throws {
            let fixture = try await FsckTests.alice()
            self.fixture = fixture
            var referenced: Set<ObjectHash> = []
            for bytes in try Fixtures.aliceFiles("objects").values {
                let references = (try? Microdata.references(in: bytes, .standard)) ?? []
                referenced.formUnion(references.filter { $0.kind == .blob }.map(\.hash))
            }
            let attachments = try referenced.filter { try fixture.store.localByteCount(of: $0) ?? 0 > 0 }
            attachment = try #require(attachments.min())
            var heads: [IDHash: ObjectHash] = [:]
            try fixture.store.forEachHead { heads[$0] = $1 }
            self.heads = heads
        }

        func path(_ hash: ObjectHash) -> String { fixture.root.path.string + "/" + name(hash) }
        func name(_ hash: ObjectHash) -> String { "objects/\(hash.hex.prefix(2))/\(hash.hex)" }
        func headName(_ id: IDHash) -> String { "heads/\(id.hex.prefix(2))/\(id.hex)" }
    }

    @Test func damageIsFoundAndOnlyRepairedIfAsked() async throws {
        let victims = try await Victims()
        let (fixture, hash) = (victims.fixture, victims.attachment)
        unlink(victims.path(hash))
        try fixture.scratch.write(Array("wrong".utf8), to: "root/" + victims.name(hash))

        // Read-only, twice the same.
        for depth in [Fsck.Depth.full, .fast, .full] {
            let report = try await Fsck(fixture.store, depth: depth).run()
            #expect(Self.kinds(report).contains("wrongBytes \(victims.name(hash))") && report.exitCode == 4)
            #expect(try fixture.store.quarantinedFiles().isEmpty)
        }
        // Known elsewhere: it can be fetched again, so nothing is lost.
        let repaired = try await Fsck(fixture.store, repairs: true, isKnown: { $0 == hash }).run()
        #expect(repaired.exitCode == 1 && Self.kinds(repaired) == ["wrongBytes \(victims.name(hash))"])
        #expect(try fixture.store.quarantinedFiles().map(\.hash) == [hash])
        #expect(try await Fsck(fixture.store, isKnown: { $0 == hash }).run().exitCode == 0)
        // Known nowhere: those that refer to it are left with nothing.
        let lost = try await Fsck(fixture.store, repairs: true).run()
        #expect(lost.exitCode == 4 && lost.findings.allSatisfy { $0.kind == .missingReference })
        #expect(lost.findings.allSatisfy { $0.detail.contains(hash.hex) } && !lost.findings.isEmpty)
    }

    @Test(arguments: HostileFilesTests.Thing.allCases)
    func hostileThingsAreFoundAndTakenAway(_ thing: HostileFilesTests.Thing) async throws {
        let fixture = try PosixFixture()
        let hash = HostileFilesTests.hash
        _ = try fixture.store.put([HostileFilesTests.bytes, [1], [2]])
        try thing.plant(at: fixture.scratch.path.appending(fixture.place(of: hash)).string)
        let found = try await Fsck(fixture.store).run()
        #expect(found.findings.count == 1 && found.exitCode == 4 && found.objectCount == 2)
        let repaired = try await Fsck(fixture.store, repairs: true).run()
        #expect(repaired.findings.count == 1 && repaired.exitCode == 1)
        #expect(try await Fsck(fixture.store).run().exitCode == 0)
        let expected: FsckReport.Finding.Kind =
            switch thing {
            case .empty: .empty
            case .truncated, .flipped, .longer: .wrongBytes
            default: .notAFile
            }
        #expect(found.findings.map(\.kind) == [expected])
    }

    @Test func foreignFilesAreReportedAndLeftAlone() async throws {
        let fixture = try PosixFixture()
        _ = try fixture.store.put([[1], [2]])
        let names = ["objects/.DS_Store", "objects/00", "heads/x", "objects/lost+found"]
        for name in names { try fixture.scratch.write([1], to: "root/" + name) }
        let report = try await Fsck(fixture.store, repairs: true).run()
        #expect(Self.kinds(report) == names.map { "foreign " + $0 }.sorted())
        #expect(report.exitCode == 0)
        for name in names { #expect(try fixture.scratch.read("root/" + name) == [1]) }
    }

    @Test func misplacedObjectIsPutInItsPlace() async throws {
        let fixture = try PosixFixture()
        let (whole, wrong) = (ObjectHash(of: [7]), ObjectHash(of: [8]))
        mkdir(fixture.root.path.appending("objects/ff").string, 0o755)
        try fixture.scratch.write([7], to: "root/objects/ff/" + whole.hex)
        try fixture.scratch.write([9], to: "root/objects/ff/" + wrong.hex)
        #expect(try await Fsck(fixture.store).run().exitCode == 4)
        let report = try await Fsck(fixture.store, repairs: true).run()
        #expect(report.findings.map(\.kind) == [.misplaced, .misplaced] && report.exitCode == 1)
        #expect(try fixture.store.localBytes(of: whole) == [7])
        #expect(try await Fsck(fixture.store).run().findings.isEmpty)
    }

    @Test func headsAreCheckedAndMadeAnewFromTheVersions() async throws {
        let victims = try await Victims()
        let fixture = victims.fixture
        let ids = victims.heads.keys.sorted()
        try fixture.scratch.write([], to: "root/" + victims.headName(ids[0]))
        try fixture.scratch.write(Array(String(repeating: "1", count: 64).utf8), to: "root/" + victims.headName(ids[1]))
        try fixture.scratch.write(Array(Fixtures.aliceOwnerKeys.utf8), to: "root/" + victims.headName(ids[2]))
        unlink(fixture.root.path.string + "/" + victims.headName(ids[3]))
        let expected = [
            "damagedHead " + victims.headName(ids[0]), "headWithoutNode " + victims.headName(ids[1]),
            "headWithoutNode " + victims.headName(ids[2]), "missingHead " + victims.headName(ids[3]),
        ].sorted()
        let found = try await Fsck(fixture.store).run()
        #expect(Self.kinds(found) == expected && found.exitCode == 4)
        let repaired = try await Fsck(fixture.store, repairs: true).run()
        #expect(Self.kinds(repaired) == expected && repaired.exitCode == 1)
        #expect(try await Fsck(fixture.store).run().exitCode == 0)
        for id in ids.prefix(4) { #expect(try fixture.store.head(of: id) == victims.heads[id]) }
    }

    /// Heads gone altogether: all come back as they were, from the version nodes.
    @Test func allHeadsComeBack() async throws {
        let victims = try await Victims()
        for id in victims.heads.keys { try victims.fixture.store.removeHead(of: id) }
        let report = try await Fsck(victims.fixture.store, repairs: true).run()
        #expect(report.exitCode == 1 && report.findings.count == 102)
        var heads: [IDHash: ObjectHash] = [:]
        try victims.fixture.store.forEachHead { heads[$0] = $1 }
        #expect(heads == victims.heads)
    }

    @Test func unreadableObjectIsDamage() async throws {
        let disk = MemoryDisk()
        let fixture = try MemoryFixture(disk)
        _ = try fixture.store().put([[1], [2], [3]])
        var exitCodes: Set<Int32> = []
        for number in 1...60 {
            let store = try fixture.store()
            disk.fail(at: disk.operationCount + number, with: .ioError)
            // An error while listing ends the check; one in a file is damage of that file.
            if let report = try? await Fsck(store).run() { exitCodes.insert(report.exitCode) }
            disk.restart(.nothing)
        }
        #expect(exitCodes == [0, 4])
    }

    @Test func reportCanBeReadByProgramsAndPeople() throws {
        var report = FsckReport(depth: .full)
        report.findings = [.init(.empty, "objects/00/00")]
        #expect(report.exitCode == 4 && report.lines.count == 2)
        report.findings[0].isRepaired = true
        #expect(report.exitCode == 1)
        report.findings = [.init(.foreign, "objects/x")]
        #expect(report.exitCode == 0)
    }
}
