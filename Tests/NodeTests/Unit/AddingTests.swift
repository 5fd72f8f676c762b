import Catalog
import Foundation
import Objects
import Storage
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Node

/// `add` and `put` of folders and files of this computer.
@Suite struct AddingTests {
    /// A folder of small files, some of them in folders.
    private static func makeFiles(in folder: TemporaryDirectory, count: Int) throws -> FilePath {
        let top = folder.path.appending("letters")
        for number in 0..<count {
            let path = top.appending("year \(number % 3)").appending("\(number).txt")
            try FileManager.default.createDirectory(
                atPath: path.removingLastComponent().string,
                withIntermediateDirectories: true
            )
            try "letter \(number)\n".write(toFile: path.string, atomically: false, encoding: .utf8)
        }
        return top
    }

    private static func add(_ path: FilePath, to node: Node) async throws -> [AddFiles.File] {
        let added = Mutex<[AddFiles.File]>([])
        try await AddFiles(paths: [path.bytes], folder: "kept").run(on: node) { item in
            if case .added(let file) = item { added.withLock { $0.append(file) } }
        }
        return added.withLock { $0 }
    }

    private static func objectCount(_ node: Node) throws -> Int {
        var count = 0
        try node.store.forEachObject { _, _ in count += 1 }
        return count
    }

    @Test func folderIsThereWithEverythingInOrder() async throws {
        let folder = TemporaryDirectory()
        let (node, _) = try AuthorTests.custodian(folder)
        let added = try await Self.add(Self.makeFiles(in: folder, count: 30), to: node)
        #expect(added.count == 30)
        #expect(added.map(\.path) == added.map(\.path).sorted { Array($0.utf8).lexicographicallyPrecedes($1.utf8) })
        let walk = TreeWalk(view: node.view())
        for file in added {
            let entry = try walk.entry(at: "files/" + file.path)
            #expect(entry.kind == .object(file.hash) && entry.byteCount == file.byteCount)
        }
        let known = try #require(try node.catalog.known(added[0].hash))
        #expect(known.held && known.object.kind == .blob)
    }

    /// A second run finds everything and writes nothing: neither bytes nor a new state of the tree.
    @Test func addingAgainWritesNothing() async throws {
        let folder = TemporaryDirectory()
        let (node, _) = try AuthorTests.custodian(folder)
        let source = try Self.makeFiles(in: folder, count: 30)
        let first = try await Self.add(source, to: node)
        let count = try Self.objectCount(node)
        let second = try await Self.add(source, to: node)
        #expect(second.map(\.hash) == first.map(\.hash))
        #expect(try Self.objectCount(node) == count)
        try "changed".write(toFile: source.appending("year 1/1.txt").string, atomically: false, encoding: .utf8)
        let third = try await Self.add(source, to: node)
        #expect(zip(first, third).filter { $0.hash != $1.hash }.count == 1)
        #expect(try TreeWalk(view: node.view()).entry(at: "files/kept/letters/year 1/1.txt").byteCount == 7)
    }

    @Test func interruptedAddingGoesOn() async throws {
        struct Interruption: Error {}
        let folder = TemporaryDirectory()
        let (node, _) = try AuthorTests.custodian(folder)
        let source = try Self.makeFiles(in: folder, count: 40)
        let walk = try LocalFileWalk([source.bytes], depthMax: 10)
        await #expect(throws: Interruption.self) {
            try await node.author.put(all: walk) { _ in throw Interruption() }
        }
        let added = try await Self.add(source, to: node)
        #expect(added.count == 40)
        #expect(
            try TreeWalk(view: node.view()).entries(in: TreeWalk(view: node.view()).entry(at: "files/kept/letters"))
                .count == 3
        )
        #expect(try node.root.disk().list("incoming").allSatisfy { $0.text == "ended" })
    }

    /// More files than one folder of people has, and all keep their times.
    @Test func everyFileKeepsItsTime() async throws {
        let folder = TemporaryDirectory()
        let (node, _) = try AuthorTests.custodian(folder)
        let source = try Self.makeFiles(in: folder, count: 150)
        for number in 0..<150 {
            let path = source.appending("year \(number % 3)").appending("\(number).txt").string
            let date = Date(timeIntervalSince1970: 1_000_000_000 + Double(number))
            try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
        }
        let added = try await Self.add(source, to: node)
        let walk = TreeWalk(view: node.view())
        for file in added {
            let entry = try walk.entry(at: "files/" + file.path)
            let name = try #require(entry.name.split(separator: ".").first)
            #expect(entry.modified.nanoseconds == (1_000_000_000 + Int64(name).unsafelyUnwrapped) * 1_000_000_000)
        }
    }

    /// A folder is written once, however many files it has: those of before are not kept.
    @Test func largeFolderIsWrittenOnce() async throws {
        let folder = TemporaryDirectory()
        let (node, _) = try AuthorTests.custodian(folder)
        let count = 12_000
        let source = folder.path.appending("many")
        try FileManager.default.createDirectory(atPath: source.string, withIntermediateDirectories: false)
        for number in 0..<count {
            try Data("\(number % 7)".utf8).write(to: URL(fileURLWithPath: source.appending("\(number)").string))
        }
        let added = try await Self.add(source, to: node)
        #expect(added.count == count)
        var types: [String?: Int] = [:]
        try node.store.forEachObject { hash, _ in
            types[try node.catalog.known(hash)?.object.type, default: 0] += 1
        }
        // The folder, the one it was added to, and the top.
        #expect(types["PersistentFileSystemDirectory"] == 3)
    }

    /// Whoever takes the lines of a command slowly gets the last one, too.
    @Test func slowReaderGetsAllOfALongAnswer() async throws {
        let folder = TemporaryDirectory()
        let (node, _) = try AuthorTests.custodian(folder)
        let source = folder.path.appending("many")
        try FileManager.default.createDirectory(atPath: source.string, withIntermediateDirectories: false)
        for number in 0..<2_000 {
            try Data().write(to: URL(fileURLWithPath: source.appending("\(number)").string))
        }
        _ = try await Self.add(source, to: node)
        let server = ControlServer(node: node, path: node.root.controlSocket, logger: Instance.quiet)
        let client = ControlClient(path: node.root.controlSocket)
        let work = [UInt8](repeating: 7, count: 1 << 16)
        let count = Mutex(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            var isAnswered = false
            while !isAnswered {
                isAnswered = try await client.perform(ListEntries(path: "files/kept/many")) { _ in
                    count.withLock { $0 += ObjectHash(of: work).bytes.isEmpty ? 0 : 1 }
                }
                await Task.yield()
            }
            group.cancelAll()
        }
        #expect(count.withLock { $0 } == 2_000)
    }

    /// One that cannot be read is named, the others are stored, and the exit code says partly.
    @Test func unreadableFileDoesNotStopTheOthers() async throws {
        let folder = TemporaryDirectory()
        let (node, _) = try AuthorTests.custodian(folder)
        let source = try Self.makeFiles(in: folder, count: 3)
        let paths = [source.appending("year 0/0.txt"), source.appending("absent"), source.appending("year 1/1.txt")]
        let stored = Mutex<[String]>([])
        do {
            try await PutFiles(paths: paths.map(\.bytes)).run(on: node) { item in
                if case .stored(let file) = item { stored.withLock { $0.append(file.path) } }
            }
            Issue.record("nothing was said of the file that is not there")
        } catch let error as CommandError {
            #expect(error.exitCode == 3 && error.message.contains("absent"))
        }
        #expect(stored.withLock { $0 } == [paths[0].string, paths[2].string])
    }
}
