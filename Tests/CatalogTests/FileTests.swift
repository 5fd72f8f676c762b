import Objects
import Testing

@testable import Catalog

@Suite struct FileTests {
    let world: World
    let catalog: Catalog

    init() throws {
        world = try World()
        catalog = try world.catalog()
    }

    private func lines() throws -> [String] {
        try dump(catalog).filter { $0.hasPrefix("/files/") }.map { line in
            let parts = line.split(separator: " ").map(String.init)
            return parts[0] + " " + String((Int(parts.last ?? "") ?? 0) / 1_000_000)
        }
    }

    @Test func theNewestRootIsShownWithTheTimesOfItsFiles() throws {
        let (a, b) = (try world.file([1]), try world.file([2, 2]))
        let described = try world.blob([2, 2], name: "b.txt", modified: 77_000)
        try world.postRoot(world.folder([("/a.txt", a)]), at: 1_000_000)
        try world.postRoot(
            world.folder([("/a.txt", a), ("/sub", world.folder([("/b.txt", b)]))]),
            at: 2_000_000,
            descriptors: [described]
        )
        try world.commit(to: catalog)
        #expect(try lines() == ["/files/a.txt 1000000", "/files/sub 77000", "/files/sub/b.txt 77000"])
        #expect(try catalog.entry(FixedEntry.files).modified.milliseconds == 1_000_000)
        // a.txt is moved, sub goes.
        try world.postRoot(world.folder([("/c.txt", a)]), at: 3_000_000)
        try world.commit(to: catalog)
        #expect(try lines() == ["/files/c.txt 3000000"])
    }

    @Test func anOlderRootThatComesLateTellsSinceWhen() throws {
        let a = try world.file([1])
        try world.postRoot(world.folder([("a", a)]), at: 2_000_000)
        try world.commit(to: catalog)
        #expect(try lines() == ["/files/a 2000000"])
        try world.postRoot(world.folder([("a", a), ("gone", a)]), at: 1_000_000)
        try world.commit(to: catalog)
        #expect(try lines() == ["/files/a 1000000"])
    }

    @Test func numbersStayWhenContentChanges() throws {
        try world.postRoot(world.folder([("a", world.file([1])), ("b", world.file([5]))]), at: 1_000_000)
        try world.commit(to: catalog)
        let before = try catalog.entry(named: "a", in: FixedEntry.files)
        try world.postRoot(world.folder([("a", world.file([1, 2, 3])), ("b", world.file([5]))]), at: 2_000_000)
        try world.commit(to: catalog)
        let after = try catalog.entry(named: "a", in: FixedEntry.files)
        #expect(after.number == before.number && after.byteCount == 3 && after.kind != before.kind)
        #expect(try lines() == ["/files/a 2000000", "/files/b 1000000"])
    }

    @Test func aFolderInPlaceOfAFileIsAnotherThing() throws {
        try world.postRoot(world.folder([("x", world.file([1]))]), at: 1_000_000)
        try world.commit(to: catalog)
        let file = try catalog.entry(named: "x", in: FixedEntry.files)
        try world.postRoot(world.folder([("x", world.folder([("y", world.file([1]))]))]), at: 2_000_000)
        try world.commit(to: catalog)
        let folder = try catalog.entry(named: "x", in: FixedEntry.files)
        #expect(folder.kind == .directory && folder.number != file.number)
        #expect(throws: ObjectError.unknown) { try catalog.entry(file.number) }
        #expect(try lines() == ["/files/x 2000000", "/files/x/y 2000000"])
        try world.postRoot(world.folder([("x", world.file([1]))]), at: 3_000_000)
        try world.commit(to: catalog)
        #expect(try catalog.entry(named: "x", in: FixedEntry.files) == file)
    }

    @Test func hostileFoldersAreSafe() throws {
        let file = try world.file([1])
        let names = [
            "..", ".", "", "a/b", "x", "x", "X", "-rf", "\u{1B}", String(repeating: "😀", count: 300), "e\u{301}", "é",
        ]
        try world.postRoot(world.folder(names.map { ($0, file) }), at: 1_000_000)
        try world.commit(to: catalog)
        let entries = try catalog.entries(in: FixedEntry.files, after: nil, limit: 100)
        #expect(entries.count == names.count)
        #expect(Set(entries.map { Array($0.name.utf8) }).count == names.count)
        for entry in entries {
            #expect((1...255).contains(entry.name.utf8.count) && !entry.name.contains("/") && entry.name != "..")
            #expect(try catalog.entry(named: entry.name, in: FixedEntry.files).number == entry.number)
        }
    }

    @Test func deepFoldersEnd() throws {
        var folder = try world.folder([("end", world.file([1]))])
        for _ in 0..<200 { folder = try world.folder([("d", folder)]) }
        try world.postRoot(folder, at: 1_000_000)
        try world.commit(to: catalog)
        #expect(try lines().count <= 65)
    }

    @Test func strangersRootsAreNotMine() throws {
        let eve = try world.person("Eve", email: "eve@x.test")
        try world.postRoot(world.folder([("mine", world.file([1]))]), at: 1_000_000)
        let entry = Value.object(Properties([("mode", .number(0)), ("entry", .reference(try world.folder([])))]))
        let root = try world.put("PersistentFileSystemRoot", [("root", entry)])
        try world.post(root, "mainFileSystemChannelId", at: 9_000_000, by: eve, owner: eve.id)
        try world.commit(to: catalog)
        #expect(try lines() == ["/files/mine 1000000"])
    }
}
