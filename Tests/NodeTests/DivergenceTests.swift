import Catalog
import Foundation
import Glibc
import Objects
import Storage
import SystemPackage
import Testing

@testable import Node

/// Two devices that write without hearing of each other, and then do.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(1)))
struct DivergenceTests {
    @Test(arguments: 1...2 as ClosedRange<UInt64>)
    func `Two custodians that wrote apart end at the same version, with every message once`(seed: UInt64) async throws {
        try await Household.with { home in
            let left = try await home.found()
            try makeConversation(on: left)
            // Two with the same keys: a copy of the root.
            let right = try home.instance("right")
            try await home.sh("cp -a '\(left.root.removingLastComponent())/.' '\(right.root.removingLastComponent())/'")
                .mustSucceed()
            var dice = Dice(seed: seed)
            var said: Set<String> = []
            for round in 0..<2 {
                for number in 0..<5 {
                    let (device, text) = (Bool.random(using: &dice) ? left : right, "\(round)-\(number)")
                    try say(text, on: device, at: Double(Int.random(in: 1...5, using: &dice)))
                    said.insert(text)
                }
                // Each tells the other what it had when they met, in an order of its own.
                let (first, second) = Bool.random(using: &dice) ? (left, right) : (right, left)
                let told = try heads(of: first)
                try tell(second, of: first, heads(of: first))
                try tell(first, of: second, heads(of: second))
                try tell(second, of: first, told)
                #expect(try heads(of: left) == heads(of: right))
                let logs = try await [left.succeed("log", "Talk").output, right.succeed("log", "Talk").output]
                #expect(logs[0] == logs[1])
                let texts = try await left.json("log", "Talk").compactMap { $0["text"] as? String }
                #expect(texts.count == said.count && Set(texts) == said)
            }
            // Nothing more happens when they tell each other again.
            let end = try heads(of: left)
            try tell(left, of: right, heads(of: right))
            try tell(right, of: left, end)
            #expect(try heads(of: left) == end && heads(of: right) == end)
            for device in [left, right] { try await device.succeed("fsck") }
        }
    }

    @Test func `What was said on both sides of a cut is on both sides after it, once`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try makeConversation(on: archive)
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            let here = try await laptop.mount()
            try await laptop.synced(with: archive)
            for round in 0..<2 {
                try await archive.stop()
                for number in 0..<3 {
                    #expect(try await laptop.succeed("say", "Talk", "laptop \(round) \(number)").exitCode == 0)
                    // The archive's own voice, without a node.
                    try await archive.succeed("say", "Talk", "archive \(round) \(number)")
                }
                // Meanwhile it is shown as waiting.
                #expect(try await laptop.status().pending == 3)
                #expect(try await laptop.json("log", "Talk").count { $0["pending"] as? Bool == true } == 3)
                let there = try await archive.mount("mnt-\(round)", "--listen", "127.0.0.1:\(archive.port)")
                try await eventually("all is posted", within: .seconds(30)) { try await laptop.status().pending == 0 }
                try await laptop.synced(with: archive)
                let logs = try await [laptop.succeed("log", "Talk").output, archive.succeed("log", "Talk").output]
                #expect(logs[0] == logs[1])
                let texts = try await archive.json("log", "Talk").compactMap { $0["text"] as? String }
                #expect(texts.count == 6 * (round + 1) && Set(texts).count == texts.count)
                #expect(try await laptop.json("log", "Talk").allSatisfy { $0["verified"] as? Bool == true })
                try await home.sh("diff -r '\(here)' '\(there)'").mustSucceed()
            }
        }
    }

    private func makeConversation(on instance: Instance) throws {
        let author = try instance.open().author
        try author.commit { draft in _ = try author.createTopic(id: "talk", name: "Talk", into: &draft) }
    }

    /// Writes a message of a given time: several may be of the same.
    private func say(_ text: String, on instance: Instance, at milliseconds: Double) throws {
        let node = try instance.open()
        let identity = try node.requireIdentity()
        let author = node.author
        let key = try #require(identity.ownerKeys).sign
        let affirmer = KeyAffirmer(issuer: identity.ownerID, key: key, book: author.book)
        try author.commit { draft in
            let time = Timestamp(milliseconds: 1_767_225_600_000 + milliseconds)
            var posting = try author.write(NewMessage(text: text, time: time), from: identity.ownerID, into: &draft)
            let signature = try author.addAffirmation(affirmer.affirmed(posting.creationTime), to: &draft)
            posting.metadata.append(signature)
            try author.post([posting], to: Channel(id: "talk", owner: nil), into: &draft)
        }
    }

    private func heads(of instance: Instance) throws -> [IDHash: ObjectHash] {
        let store = try instance.open().store
        var heads: [IDHash: ObjectHash] = [:]
        try store.forEachHead(damaged: { _ in }) { id, node in heads[id] = node }
        return heads
    }

    /// Brings all objects of one device to another, and then some of its heads.
    private func tell(_ device: Instance, of other: Instance, _ heads: [IDHash: ObjectHash]) throws {
        let (node, source) = (try device.open(), try other.open().store)
        var objects: [[UInt8]] = []
        try source.forEachObject { hash, _ in
            if let bytes = try source.localBytes(of: hash) { objects.append(bytes) }
        }
        let known = try node.store.put(objects)
        try node.catalog.record(known.map { .object($0, held: true) }, from: nil)
        let outcomes = try node.author.adopt(heads.map { ($0.key, $0.value) })
        #expect(!outcomes.contains(.incomplete) && !outcomes.contains(.unusable))
    }
}
