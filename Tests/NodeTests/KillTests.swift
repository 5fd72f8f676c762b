import Foundation
import Glibc
import Objects
import SystemPackage
import Testing

@testable import Node

/// Two hundred times `kill -9`, at instants that no program chooses: whatever was said to be done is done, and the files
/// are sound.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct KillTests {
    /// Where the instants come from; a failing run repeats with its seed.
    private static let seed: UInt64 = 2_026

    @Test func `put, 80 times`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            var dice = Dice(seed: Self.seed)
            var expected: [(hash: String, bytes: [UInt8])] = []
            let paths = (0..<12).map { home.directory.appending("file-\($0)") }
            for round in 0..<80 {
                var files: [String: [UInt8]] = [:]
                for path in paths {
                    let bytes = dice.bytes(Int.random(in: 1...6_000, using: &dice))
                    files[path.string] = bytes
                    try home.write(bytes, to: path)
                }
                let put = try home.start(archive.program(["put"] + paths.map(\.string)))
                // What it says of a file it has done: every second time one sees the beginning at least.
                if round % 2 == 0 { while put.isRunning, put.outputSoFar.isEmpty { usleep(200) } }
                let outcome = try await kill(put, within: 120_000, &dice)
                for line in outcome.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
                    let words = line.split(separator: " ")
                    expected.append((String(words[0]), try #require(files[String(words[1])])))
                }
                try await archive.succeed("fsck")
            }
            try await archive.succeed("fsck")
            try #require(expected.count > 20, "it was killed too early to have done anything")
            for (hash, bytes) in expected {
                let object = try #require(ObjectHash(hex: hash))
                #expect(try [UInt8](Data(contentsOf: URL(filePath: archive.file(of: object).string))) == bytes)
            }
            // The catalog knows of all of them, too.
            try await archive.serve()
            for part in expected.map(\.hash).chunked(50) { try await archive.run(["get"] + part).mustSucceed() }
        }
    }

    @Test func `adopt, 30 times`() async throws {
        try await Household.with { home in
            var dice = Dice(seed: Self.seed + 1)
            let secret = home.directory.appending("alice-secret")
            try home.write("alice-secret\n", to: secret, mode: 0o600)
            let archive = try home.instance("archive")
            let arguments = ["adopt", Household.aliceStore.string, "--secret-file", secret.string]
            for round in 0..<30 {
                // Each third starts anew; the others go on where they were cut off.
                if round % 3 == 0 { try await home.sh("rm -rf '\(archive.root)'").mustSucceed() }
                let adopt = try home.start(archive.program(arguments))
                let outcome = try await kill(adopt, within: 700_000, &dice)
                let isDone = FileManager.default.fileExists(atPath: archive.root.appending("private/birth").string)
                #expect(isDone || outcome.exitCode != 0)
                if isDone { try await archive.succeed("fsck") }
            }
            if try await archive.iom("status").exitCode != 0 { try await archive.run(arguments).mustSucceed() }
            try await archive.succeed("fsck")
            let conversations = try await archive.json("conversations")
            #expect(conversations.compactMap { $0["messages"] as? Int }.reduce(0, +) == 204)
        }
    }

    @Test func `fetch, 60 times`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            var dice = Dice(seed: Self.seed + 2)
            var files: [(hash: ObjectHash, bytes: [UInt8])] = []
            for _ in 0..<200 {
                let bytes = dice.bytes(Int.random(in: 1...20_000, using: &dice))
                files.append((ObjectHash(of: bytes), bytes))
            }
            let paths = files.indices.map { home.directory.appending("f\($0)") }
            for (file, path) in zip(files, paths) { try home.write(file.bytes, to: path) }
            try await archive.run(["put"] + paths.map(\.string)).mustSucceed()
            try await laptop.serve()
            try await laptop.synced(with: archive)
            try await laptop.stop()
            var given: Set<Int> = []
            for round in 0..<60 {
                let wanted = (0..<10).map { _ in Int.random(in: files.indices, using: &dice) }
                let get = try home.start(laptop.program(["get"] + wanted.map { files[$0].hash.hex }))
                if round % 2 == 0 { while get.isRunning, get.outputSoFar.isEmpty { usleep(200) } }
                let output = try await kill(get, within: 60_000, &dice).outputBytes
                // Whatever bytes came out were the right ones; they are read before they are kept, so that of these some
                // may not be here, but what is here is whole.
                var rest = output[...]
                for index in wanted where !rest.isEmpty {
                    #expect(files[index].bytes.starts(with: rest.prefix(files[index].bytes.count)))
                    if rest.count >= files[index].bytes.count { given.insert(index) }
                    rest = rest.dropFirst(files[index].bytes.count)
                }
                for index in given {
                    let path = laptop.file(of: files[index].hash).string
                    guard let bytes = try? Data(contentsOf: URL(filePath: path)) else { continue }
                    #expect([UInt8](bytes) == files[index].bytes)
                }
                try await laptop.succeed("fsck")
            }
            try #require(given.count > 20, "it was killed too early to have fetched anything")
            try await laptop.succeed("fsck")
            // What a fetch acknowledged is here, whatever happens next.
            try await laptop.run(["fetch"] + files.map(\.hash.hex)).mustSucceed()
            #expect(files.allSatisfy { laptop.holds($0.hash) })
            try await laptop.succeed("fsck")
        }
    }

    @Test func `A node while messages are written, 30 times`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            let conversation = "talk"
            do {
                let author = try archive.open().author
                try author.commit { draft in _ = try author.createTopic(id: conversation, name: "Talk", into: &draft) }
            }
            var dice = Dice(seed: Self.seed + 3)
            var said: [String] = []
            for round in 0..<30 {
                let node = try await archive.serve()
                try await withThrowingTaskGroup(of: [String].self) { group in
                    for writer in 0..<2 {
                        group.addTask {
                            var done: [String] = []
                            for number in 0..<100 {
                                let text = "message \(round)-\(writer)-\(number)"
                                guard try await archive.iom("say", conversation, text).exitCode == 0 else { break }
                                done.append(text)
                                guard node.isRunning else { break }
                            }
                            return done
                        }
                    }
                    usleep(UInt32.random(in: 1_000...150_000, using: &dice))
                    _ = await node.end(SIGKILL)
                    for try await done in group { said += done }
                }
                try await archive.succeed("fsck")
            }
            try await archive.succeed("fsck")
            try #require(said.count > 20)
            func texts() async throws -> [String] {
                try await archive.json("log", conversation).compactMap { $0["text"] as? String }
                    .filter { $0.hasPrefix("message ") }
            }
            let before = try await texts()
            #expect(Set(said).isSubset(of: before))
            #expect(Set(before).count == before.count, "a message is there twice")
            // What the catalog says is what the files say.
            try await home.sh("rm '\(archive.root)'/catalog.sqlite*").mustSucceed()
            #expect(try await texts() == before)
        }
    }

    /// Kills a program after some time of at most so many microseconds, unless it has ended.
    private func kill(
        _ program: RunningProgram,
        within microseconds: UInt32,
        _ dice: inout Dice
    ) async throws -> Program.Outcome {
        usleep(UInt32.random(in: 0...microseconds, using: &dice))
        return try #require(await program.end(SIGKILL))
    }
}

extension Array {
    fileprivate func chunked(_ count: Int) -> [[Element]] {
        stride(from: 0, to: self.count, by: count).map { Array(self[$0..<Swift.min($0 + count, self.count)]) }
    }
}
