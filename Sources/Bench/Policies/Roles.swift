import ArgumentParser
import Foundation
import Node
import Objects
import SystemPackage

/// An archive with ten years of messages, and a cache and a minimal that join it: what they show, and what they keep.
struct Roles: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roles",
        abstract:
            "Join a cache and a minimal to a large archive, read at random, copy a conversation: quota and trees.",
        discussion: "Example:  Bench roles --world /var/tmp/life   (made there the first time, a few minutes)"
    )

    @Option(help: "The folder that holds the archive; made if there is none.", completion: .directory)
    var world: String?
    @Option(help: "Messages of the archive.") var messages = 200_000
    @Option(help: "Its conversations.") var conversations = 40
    @Option(help: "Its attachments.") var attachments = 20_000
    @Option(help: "Bytes of its attachments, apparent.") var bytes = 8_000_000_000
    @Option(help: "Quota of the cache.") var cacheQuota = "500MB"
    @Option(help: "Quota of the minimal.") var minimalQuota = "50MB"
    @Option(help: "Files read at random on each: one in six seconds of an hour.") var reads = 600
    @Option(help: "Folder in which to work.", completion: .directory) var directory = "/tmp"
    @Flag(help: "Only make the archive.") var makeOnly = false

    private var plan: LifePlan {
        let today = Int(Date.now.timeIntervalSince1970) / 86_400
        return LifePlan(
            messageCount: messages,
            conversationCount: conversations,
            attachmentCount: attachments,
            attachmentByteCount: bytes,
            lastDay: today
        )
    }

    func run() async throws {
        let site = try Site(
            in: FilePath(directory),
            for: [],
            scale: .tiny,
            rounds: 1,
            peers: .none,
            kept: nil
        )
        do {
            try await run(in: site)
        } catch {
            await site.close()
            throw error
        }
        await site.close()
    }

    private func run(in site: Site) async throws {
        let archive = try await archive(site)
        if makeOnly { return await archive.companion.end() }
        let trial = RolesTrial(archive: archive, site: site)
        let outcome: [String]
        do {
            outcome = try await trial.run(
                quotas: [(.cache, cacheQuota), (.minimal, minimalQuota)],
                readCount: reads,
                copying: plan.title(1)
            )
        } catch {
            await trial.end()
            throw error
        }
        await trial.end()
        guard outcome.isEmpty else { throw CommandError("not as it should be: \(outcome.joined(separator: "; "))") }
    }

    private func archive(_ site: Site) async throws -> RolesDevice {
        let folder = world.map { FilePath($0) } ?? site.path("life")
        let world = World(directory: folder, plan: plan)
        if !PlainFile.exists(world.root) {
            let start = ContinuousClock.now
            try world.make(seed: 1) { written in
                print("\(written) messages and files after \((ContinuousClock.now - start).seconds) s")
            }
        }
        return try await RolesDevice(name: "archive", root: world.root, secret: world.secret, quota: nil, site: site)
    }
}
