import Foundation
import Glibc
import Node
import SystemPackage

extension Row {
    /// What is to stay quick with many objects.
    static let scaling = [
        scaleMount, scaleList, scaleStat, conversationList, conversationRead(isFirst: true),
        conversationRead(isFirst: false), bigDirectory, scaleMemory,
    ]

    private static let scaleMount = Row(
        name: "scale-mount",
        what:
            "start on a root of 1,000,000 objects, kernel caches dropped, until the mount shows its top. killed: after "
            + "SIGKILL",
        unit: .seconds,
        goal: .all([.figure(1), .figure(1, by: .killed)]),
        needs: [.world]
    ) { try await ScaleMount(instance: $0.worldInstance()) }

    private static let scaleList = Row(
        name: "scale-ls-day",
        what: "`ls -l` of a month of a conversation that was not looked at before",
        unit: .milliseconds,
        goal: .figure(10),
        needs: [.world]
    ) { try await ScaleList(instance: $0.worldInstance()) }

    private static let scaleStat = Row(
        name: "scale-stat",
        what:
            "lstat of paths that were not asked for before, in a folder of 100,000 files, the catalog on the disk; mean. "
            + "in-memory: the kernel has its file in memory",
        unit: .microseconds,
        goal: .figure(100),
        needs: [.world]
    ) { try await ScaleStat(instance: $0.worldInstance()) }

    private static let conversationList = Row(
        name: "conversation-ls",
        what: "`ls -l` of the folder of a conversation of 100,000 messages",
        unit: .milliseconds,
        goal: .figure(50),
        needs: [.world]
    ) { try await ConversationList(instance: $0.worldInstance()) }

    private static func conversationRead(isFirst: Bool) -> Row {
        Row(
            name: "conversation-cat-\(isFirst ? "cold" : "warm")",
            what: "read the text of a day of 5,000 messages, \(isFirst ? "just mounted" : "again")",
            unit: .milliseconds,
            goal: .figure(isFirst ? 20 : 1),
            needs: [.world]
        ) { try await ConversationRead(instance: $0.worldInstance(), isFirst: isFirst) }
    }

    private static let bigDirectory = Row(
        name: "big-directory-ls",
        what: "`ls -l` of a folder of 100,000 files",
        unit: .seconds,
        needs: [.world],
        roundsMax: 1
    ) { try await BigDirectory(instance: $0.worldInstance()) }

    private static let scaleMemory = Row(
        name: "scale-rss",
        what: "memory of the process after all of that",
        unit: .mebibytes,
        goal: .figure(150),
        needs: [.world],
        roundsMax: 1
    ) { try await ScaleMemory(instance: $0.worldInstance()) }
}

extension Contender {
    /// IoM after it was killed.
    static let killed: Self = "killed"
    /// IoM when its catalog has just been read.
    static let inMemory: Self = "in-memory"
}

/// Only IoM, and what has an absolute goal.
private protocol AloneTrial: Trial {}
extension AloneTrial {
    var contenders: [Contender] { [.iom] }
}

private struct ScaleMount: Trial {
    let instance: WorldInstance
    var contenders: [Contender] { [.iom, .killed] }

    func measure(_ contender: Contender, _ round: Int) async throws -> Double? {
        try await instance.restart(after: contender == .killed ? .killed : .clean).seconds
    }
}

private struct ScaleList: AloneTrial {
    let instance: WorldInstance

    func measure(_ contender: Contender, _ round: Int) throws -> Double? {
        let count = instance.plan.conversationCount - 1
        let title = instance.plan.title(1 + (round * 37) % count)
        let folder = instance.mountPoint.appending("conversations").appending(title)
        let months = try PlainTree.names(in: folder).filter { !$0.hasSuffix(".md") }.sorted()
        guard let month = months.first else { throw CommandError("\(folder) is empty") }
        return try ContinuousClock().measure { try Program("ls", "-l", folder.appending(month).string).run() }
            .milliseconds
    }
}

private struct ScaleStat: Trial {
    let instance: WorldInstance
    var contenders: [Contender] { [.iom, .inMemory] }

    func measure(_ contender: Contender, _ round: Int) async throws -> Double? {
        _ = try await instance.restart(after: .clean)
        if contender == .inMemory { try PlainFile.read(instance.catalog) }
        let folder = instance.mountPoint.appending("files").appending(ScalePlan.folder)
        let count = min(1_000, instance.plan.fileCount / 8)
        let step = instance.plan.fileCount / count
        let paths = (0..<count).map { folder.appending(ScalePlan.fileName($0 * step + round % step)).string }
        var status = stat()
        let time = try ContinuousClock().measure {
            for path in paths where lstat(path, &status) != 0 { throw Errno(rawValue: errno) }
        }
        return time.microseconds / Double(count)
    }
}

private struct ConversationList: AloneTrial {
    let instance: WorldInstance

    func measure(_ contender: Contender, _ round: Int) throws -> Double? {
        let folder = instance.mountPoint.appending("conversations").appending(ScalePlan.largestTitle)
        return try ContinuousClock().measure { try Program("ls", "-l", folder.string).run() }.milliseconds
    }
}

private struct ConversationRead: AloneTrial {
    let instance: WorldInstance
    let isFirst: Bool

    func measure(_ contender: Contender, _ round: Int) async throws -> Double? {
        let day = instance.mountPoint.appending("conversations").appending(ScalePlan.largestTitle)
            .appending("2025-12").appending("2025-12-31.md")
        if isFirst { _ = try await instance.restart(after: .clean) } else { try PlainFile.read(day) }
        var status = stat()
        guard lstat(day.string, &status) == 0 else { throw Errno(rawValue: errno) }
        return try ContinuousClock().measure { try PlainFile.read(day) }.milliseconds
    }
}

private struct BigDirectory: AloneTrial {
    let instance: WorldInstance

    func measure(_ contender: Contender, _ round: Int) throws -> Double? {
        let folder = instance.mountPoint.appending("files").appending(ScalePlan.folder)
        return try ContinuousClock().measure { try Program("ls", "-l", folder.string).run() }.seconds
    }
}

private struct ScaleMemory: AloneTrial {
    let instance: WorldInstance

    func measure(_ contender: Contender, _ round: Int) throws -> Double? {
        .mebibytes(try ProcessUse(of: instance.companion.processIdentifier).residentByteCount)
    }
}
