import Foundation
import Glibc
import Objects
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Node

/// Conversations both ways with the independent peer, through cuts, until both sides have the same.
struct Exchange: Sendable, CustomTestStringConvertible {
    /// Whether the peer waits to be dialled.
    var isDialled: Bool
    var isRelayed = false
    /// Each side attaches one file of this size, too.
    var largeByteCount = 0

    private static let messageCount = 200
    private static let ownCount = 60
    private static let ownSizes = [0, 1, 65_528, 65_537, 1 << 20]

    /// Who is dialled waits some seconds before it is dialled again: fewer cuts, then.
    private var cutCount: Int { isDialled ? 2 : 4 }

    var testDescription: String {
        let words = [isDialled ? "dialled" : "dialling", isRelayed ? "through a relay" : "directly"]
        return (words + (largeByteCount > 0 ? ["\(largeByteCount >> 20) MiB each way"] : [])).joined(separator: ", ")
    }

    /// Peaks of memory of the processes that took part.
    struct Peaks {
        var instance: Int
        var relay: Int?
    }

    @discardableResult
    func run(in home: Household) async throws -> Peaks {
        let relay = isRelayed ? try await home.startRelay() : nil
        let archive = try await home.found()
        try await serve(archive, relay)
        let peer = try await PythonChum(
            messageCount: Self.messageCount,
            cutCount: cutCount,
            largeByteCount: largeByteCount
        ).meet(archive, in: home, isDialled: isDialled, relay: relay)
        try await eventually("the two have met") { try await archive.json("conversations").count == 1 }
        let id = try #require(try await archive.json("conversations").first?["id"] as? String)
        try await archive.stop()
        let blobs = try archive.write(Self.ownCount, into: id, sizes: Self.ownSizes)
        try await serve(archive, relay)
        let answer = try await answer(home, archive, id)
        try await expectAll(of: peer, at: archive, id)
        try await expectAll(blobs + [answer], at: peer)
        let instance = try #require(archive.process).peakByteCount
        return Peaks(instance: instance, relay: try relay?.program.peakByteCount)
    }

    private func serve(_ archive: Instance, _ relay: RunningRelay?) async throws {
        if let relay, !isDialled { try await archive.serve(behind: relay) } else { try await archive.serve() }
    }

    /// Says one more, with an attachment; its hash and size.
    private func answer(_ home: Household, _ archive: Instance, _ id: String) async throws -> String {
        let file = home.directory.appending("answer.bin")
        try await home.sh("head -c \(max(largeByteCount, 300_000)) /dev/urandom > '\(file)'").mustSucceed()
        try await archive.succeed("say", id, "an answer", "--attach", file.string)
        let line = try await home.sh("sha256sum < '\(file)'; stat -c %s '\(file)'").mustSucceed().lines
        return "\(line[0].prefix(64)) \(line[1])"
    }

    /// Every message of the peer, in order and verified, and every blob it told of.
    private func expectAll(of peer: RunningProgram, at archive: Instance, _ id: String) async throws {
        let total = Self.messageCount + Self.ownCount + 1
        try await eventually("all messages are here", within: .seconds(90), pause: .milliseconds(200)) {
            try await archive.json("log", id).count == total
        }
        let log = try await archive.json("log", id)
        let texts = (0..<Self.messageCount).map { String(format: "message %03d", $0) }
        #expect(log.prefix(Self.messageCount).map { $0["text"] as? String } == texts)
        #expect(log.allSatisfy { $0["verified"] as? Bool == true }, "\(log.first ?? [:])")
        try await eventually("all attachments are here", within: .seconds(90), pause: .milliseconds(200)) {
            let stats = try await archive.status().stats
            return stats.totalObjects == stats.localObjects
        }
        let blobs = peer.outputSoFar.split(separator: "\n").filter { $0.hasPrefix("BLOB ") }
            .map { $0.split(separator: " ") }
        #expect(blobs.count >= Self.messageCount / 5)
        for blob in blobs {
            let hash = try #require(ObjectHash(hex: blob[1]))
            let attributes = try FileManager.default.attributesOfItem(atPath: archive.file(of: hash).string)
            #expect(attributes[.size] as? Int == Int(blob[2]))
        }
    }

    /// Everything said here, and these blobs, hashed by the peer as they came.
    private func expectAll(_ blobs: [String], at peer: RunningProgram) async throws {
        let texts = (0..<Self.ownCount).map { "own \($0)" } + ["an answer"]
        let expected = Set(texts.map { "GOT \($0)" } + blobs.map { "GOT BLOB \($0)" })
        try await eventually("all is there", within: .seconds(90), pause: .milliseconds(100)) {
            expected.isSubset(of: peer.outputSoFar.split(separator: "\n").map(String.init))
        }
    }
}

extension RunningProgram {
    /// The most memory it has occupied (VmHWM of proc_pid_status(5)).
    var peakByteCount: Int {
        get throws {
            let text = try String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
            return try #require(Int(line.filter(\.isNumber))) * 1_024
        }
    }
}

extension Instance {
    /// Messages of the owner with an attachment each, while nothing runs; what is attached, as `hash size`.
    fileprivate func write(_ count: Int, into conversation: String, sizes: [Int]) throws -> [String] {
        let node = try open()
        let identity = try node.requireIdentity()
        let keys = try #require(identity.ownerKeys)
        let affirmer = KeyAffirmer(issuer: identity.ownerID, key: keys.sign, book: node.author.book)
        let random = SeededRandom(seed: 4)
        let blobs = try node.author.putBlobs((0..<count).map { random.bytes($0 < sizes.count ? sizes[$0] : 100 + $0) })
        try node.author.commit { draft in
            let postings = try blobs.enumerated().map { number, blob in
                let time = Timestamp(milliseconds: 1_767_225_600_000 + Double(number))
                let attachment = NewAttachment(blob: blob, name: "own", mimeType: "image/png", modified: time)
                let message = NewMessage(text: "own \(number)", attachments: [attachment], time: time)
                var posting = try node.author.write(message, from: identity.ownerID, into: &draft)
                let affirmed = try affirmer.affirmed(posting.creationTime)
                posting.metadata.append(try node.author.addAffirmation(affirmed, to: &draft))
                return posting
            }
            try node.author.post(postings, to: Channel(id: conversation, owner: nil), into: &draft)
        }
        return blobs.map { "\($0.hash) \($0.byteCount)" }
    }
}
