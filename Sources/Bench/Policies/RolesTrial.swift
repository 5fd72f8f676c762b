import Foundation
import Node
import Objects
import Synchronization
import SystemPackage

/// What is done with a cache and a minimal that join an archive, and what is looked at meanwhile.
final class RolesTrial {
    /// Samples of what a root takes come so fast.
    private static let samplePause = Duration.milliseconds(500)
    /// What a root takes has settled when it has been the same for so many looks.
    private static let settledCount = 10

    private let archive: RolesDevice
    private let site: Site
    private var devices: [RolesDevice] = []
    private var complaints: [String] = []
    private let random = SeededRandom(seed: 7)

    init(archive: RolesDevice, site: Site) { (self.archive, self.site) = (archive, site) }

    func end() async {
        for device in devices { await device.companion.end() }
        await archive.companion.end()
    }

    /// Returns what was not as it should be.
    func run(quotas: [(Role, String)], readCount: Int, copying conversation: String) async throws -> [String] {
        let tree = try archive.listing()
        print("archive: \(tree.count) entries, \(try archive.usedByteCount / 1_000_000) MB on the disk")
        for (role, quota) in quotas {
            let start = ContinuousClock.now
            let device = try await RolesDevice(joining: archive, as: role, quota: quota, site: site)
            devices.append(device)
            try await watched(device, "joining") {
                let usable = try await self.untilListed(device, tree.count) - start
                print("\(device.name): joined and usable (tree listed) after \(usable.seconds) s")
                try await self.untilSettled(device)
            }
            compare(device, tree)
            try await checkPolicy(device, "after joining")
        }
        for device in devices {
            try await watched(device, "reading at random") { try self.read(device, tree, count: readCount) }
            try await watched(device, "rsync of \(conversation)") { try self.copy(conversation, from: device) }
            try await untilSettled(device)
            compare(device, tree)
            try await checkPolicy(device, "after all that")
        }
        try await withoutNetwork(tree)
        return complaints
    }

    private func complain(_ words: String) {
        print("NOT AS IT SHOULD BE: \(words)")
        complaints.append(words)
    }

    // MARK: Looking

    /// Does something while what the root takes is looked at.
    private func watched(_ device: RolesDevice, _ what: String, _ body: () async throws -> Void) async throws {
        let most = Peak()
        let root = device.root
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    most.note((try? RolesDevice.usedByteCount(of: root)) ?? 0)
                    try? await Task.sleep(for: Self.samplePause)
                }
            }
            try await body()
            group.cancelAll()
        }
        let (peak, now) = (most.byteCount, try device.usedByteCount)
        let time = (ContinuousClock.now - start).seconds
        print("\(device.name): \(what): \(time) s, at most \(Self.megabytes(peak)), then \(Self.megabytes(now))")
        guard let quota = device.quota, max(peak, now) > quota else { return }
        complain("\(device.name) took \(Self.megabytes(max(peak, now))) while \(what), of \(Self.megabytes(quota))")
    }

    private static func megabytes(_ byteCount: Int) -> String { "\(Double(byteCount / 100_000) / 10) MB" }

    private func untilListed(_ device: RolesDevice, _ count: Int) async throws -> ContinuousClock.Instant {
        let messages = try await archive.companion.counts().messages
        try await device.companion.wait("to know the tree") { try await device.companion.counts().messages == messages }
        try await device.companion.wait("to show the tree") { try device.listing().count == count }
        return ContinuousClock.now
    }

    private func untilSettled(_ device: RolesDevice) async throws {
        var (last, same) = (-1, 0)
        while same < Self.settledCount {
            let used = try device.usedByteCount
            same = used == last ? same + 1 : 0
            last = used
            try await Task.sleep(for: Self.samplePause)
        }
    }

    private func compare(_ device: RolesDevice, _ tree: [Substring]) {
        do {
            let difference = Set(tree).symmetricDifference(try device.listing()).sorted()
            print("\(device.name): its tree differs from the archive's in \(difference.count) entries")
            if let first = difference.first { complain("the tree of \(device.name) differs, as in \(first)") }
        } catch {
            complain("\(device.name) lists nothing: \(error)")
        }
    }

    /// Whether what must be here is here, computed anew from everything known.
    private func checkPolicy(_ device: RolesDevice, _ when: String) async throws {
        let found = Latest<PolicyCheck>()
        // Told to whoever asks: what is missing is in the answer.
        try? await device.companion.perform(CheckPolicy()) { await found.set($0.policy) }
        guard let check = await found.value else { return complain("\(device.name) cannot tell what must be there") }
        print(
            "\(device.name): \(when) \(check.demanded) objects must be here, \(check.missingCount) of them are not;"
                + " \(check.untoldMessages) messages untold; \(check.withoutRoom) without room"
        )
        if !check.isMet { complain("\(device.name) lacks what must be there \(when)") }
    }

    // MARK: Using

    /// Reads days and attachments, the newer the more often.
    private func read(_ device: RolesDevice, _ tree: [Substring], count: Int) throws {
        let files = Self.paths(tree).filter { $0.hasPrefix("conversations/") && !$0.hasSuffix("latest.md") }
            .filter { $0.split(separator: "/").count == 4 }
            .sorted { $0.split(separator: "/")[3] < $1.split(separator: "/")[3] }
        var failures = 0
        for _ in 0..<count {
            let part = Double(random.number(below: 1 << 32)) / Double(1 << 32)
            let place = Int(Double(files.count - 1) * (1 - part * part))
            let path = files[place]
            do {
                try PlainFile.forEachPiece(of: device.mountPoint.pushing(FilePath(String(path)))) { _ in }
            } catch {
                failures += 1
                print("\(device.name): \(path): \(error)")
            }
        }
        if failures > 0 { complain("\(failures) of \(count) could not be read on \(device.name)") }
    }

    private static func paths(_ tree: [Substring]) -> [Substring] {
        tree.map { line in
            // Size, time and number are the last three words.
            let end = line.split(separator: " ", omittingEmptySubsequences: false).dropLast(3)
            return Substring(end.joined(separator: " "))
        }
    }

    private func copy(_ conversation: String, from device: RolesDevice) throws {
        let source = device.mountPoint.pushing(FilePath("conversations/\(conversation)")).string + "/"
        let target = site.path("copy-\(device.name)")
        _ = try Program("rsync", "-a", "--sparse", source, target.string).output()
        let second = try Program("rsync", "-a", "--sparse", "-i", source, target.string).output()
        if !second.isEmpty { complain("a second rsync from \(device.name) copies \(second.prefix(200))") }
        let original = archive.mountPoint.pushing(FilePath("conversations/\(conversation)")).string
        let days = "find . -name '*.md' -type f | sort | xargs -d '\\n' sha256sum | sha256sum"
        func sum(_ folder: String) throws -> String { try Program("sh", "-c", "cd '\(folder)' && \(days)").output() }
        if try sum(original) != sum(target.string) { complain("days copied from \(device.name) have other bytes") }
        try PlainTree.remove(target)
    }

    /// Everybody else is gone: what can be listed and what can be read.
    private func withoutNetwork(_ tree: [Substring]) async throws {
        await archive.companion.end()
        for device in devices {
            let start = ContinuousClock.now
            _ = try Program("ls", "-lR", device.mountPoint.string).output()
            print("\(device.name): without network `ls -lR` of all takes \((ContinuousClock.now - start).seconds) s")
            compare(device, tree)
        }
    }
}

/// The most of anything that was seen.
private final class Peak: Sendable {
    private let most = Mutex(0)

    func note(_ byteCount: Int) { most.withLock { $0 = max($0, byteCount) } }

    var byteCount: Int { most.withLock { $0 } }
}
