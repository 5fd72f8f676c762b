import Foundation
import Node
import Objects
import SystemPackage
import Testing

/// An archive, and a laptop and a phone that are mounted and reach it through relays which count.
struct ThreeInstances {
    let home: Household
    let archive: Instance
    let laptop: Instance
    let phone: Instance
    let laptopRelay: Relay
    let phoneRelay: Relay

    /// Runs the body with all three at work; the archive has a conversation with two attachments of five bytes.
    static func with(_ body: (Self) async throws -> Void) async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try archive.writeConversations(["Book club"])
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            let phone = try await home.join(name: "phone", role: "minimal", to: archive)
            let (laptopRelay, phoneRelay) = (try home.relay(to: archive), try home.relay(to: archive))
            for (device, relay) in [(laptop, laptopRelay), (phone, phoneRelay)] {
                try device.redirect(to: relay, from: archive)
                try device.configure("mount", "fetch_deadline = \"3s\"")
                try await device.mount()
            }
            let three = Self(
                home: home,
                archive: archive,
                laptop: laptop,
                phone: phone,
                laptopRelay: laptopRelay,
                phoneRelay: phoneRelay
            )
            try await body(three)
        }
    }

    /// Files on the archive, a name and a size each, that the laptop and the phone know by now; their folder.
    func add(_ sizes: [(name: String, byteCount: Int)], to folder: String) async throws -> [String: ObjectHash] {
        let (dice, source) = (Dice(seed: UInt64(sizes.count)), try home.folder(folder))
        var hashes: [String: ObjectHash] = [:]
        for (name, byteCount) in sizes {
            let bytes = dice.bytes(byteCount)
            hashes[name] = ObjectHash(of: bytes)
            try home.write(bytes, to: source.appending(name))
        }
        try await archive.succeed("add", source.string, "--to", "")
        return hashes
    }

    /// Waits until all are connected and nobody has anything to take in from anybody.
    func settle() async throws {
        for instance in [archive, laptop, phone] {
            try await eventually("\(instance.name) knows all", within: .seconds(10), pause: .milliseconds(50)) {
                let live = try await instance.status().connections
                return live.allSatisfy { $0.sync.behind == 0 } && (instance === archive || !live.isEmpty)
            }
        }
    }
}

extension Instance {
    /// Dials another instance through a relay from now on; to be called while it is not running.
    func redirect(to relay: Relay, from other: Instance) throws {
        let path = root.appending("iom.toml").string
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try #require(text.contains(":\(other.port)"))
        try text.replacingOccurrences(of: ":\(other.port)", with: ":\(relay.port)")
            .write(toFile: path, atomically: false, encoding: .utf8)
    }

    func connection(with name: String) async throws -> Snapshot.Connection {
        try #require(try await status().allConnections.first { $0.name == name })
    }

    /// Events since the instance was made, added up by type; failed ones apart.
    func eventCounts() async throws -> [String: Int] {
        try await json("events").reduce(into: [:]) { counts, event in
            let type = event["type"] as? String ?? ""
            let isFailed = event["status"] as? String == "failed"
            counts[isFailed ? "\(type) failed" : type, default: 0] += event["count"] as? Int ?? 0
        }
    }
}

extension ThreeInstances {
    var laptopWire: WireAccount { WireAccount(relay: laptopRelay, archive: archive, device: laptop) }
    var phoneWire: WireAccount { WireAccount(relay: phoneRelay, archive: archive, device: phone) }
}
