import Foundation
import Node
import Objects
import Storage
import SystemPackage

/// Two people who have become contacts: one has written a conversation, the other is still to take it.
final class Meeting {
    private static let askPause = Duration.milliseconds(20)

    let messageCount: Int
    /// Where the writer listens: the other knows it by this address.
    private let writerAddress: String
    private let writer: Founder
    private let reader: Founder
    private let mountPoint: FilePath
    private var writing: Companion?
    private var reading: Companion?
    /// Messages that were said after the first sync.
    private var saidCount = 0

    /// In a new folder.
    init(in folder: FilePath, messageCount: Int) async throws {
        self.messageCount = messageCount
        // None of those the kernel gives to who wants any: nobody else has it while the writer is away.
        writerAddress = "127.0.0.1:\(Int.random(in: 20_000..<30_000))"
        mountPoint = folder.appending("mount")
        try PlainTree.makeDirectories(mountPoint)
        writer = Founder(root: folder.appending("writer"), secret: folder.appending("writer-secret"))
        reader = Founder(root: folder.appending("reader"), secret: folder.appending("reader-secret"))
        try writer.found(name: "writer")
        try reader.found(name: "reader", ownerName: "Jonas Aske", ownerEmail: "jonas@demo.invalid")
        let conversation = try await pair()
        try writer.open().writeMessages(messageCount, into: conversation)
    }

    /// The id of the conversation of the two.
    private func pair() async throws -> String {
        let companion = try await Companion(root: writer.root, secret: writer.secret, listen: writerAddress)
        let (link, met) = (Latest<String>(), Latest<AcceptContact.Item>())
        do {
            try await companion.perform(MakeInvitation(minutes: 10, waits: false, guest: .contact)) { item in
                if case .link(let text) = item { await link.set(text) }
            }
            try await AcceptContact(link: await link.value ?? "").run(on: reader.open()) { await met.set($0) }
        } catch {
            await companion.end()
            throw error
        }
        await companion.end()
        guard let conversation = await met.value?.conversation else { throw CommandError("the two did not meet") }
        return conversation
    }

    // MARK: Taking it

    /// The first sync: from the connection until all messages are there.
    func synchronize() async throws -> Duration {
        try await connect()
        let start = try await connectionTime()
        try await waitForMessages()
        return start.duration(to: SystemTime().now)
    }

    /// The same, until the last message can be read in the tree of the reader.
    func synchronizeTree() async throws -> Duration {
        try await connect()
        let reading = try served(reading)
        try await reading.perform(Mounting(directory: mountPoint.string, options: MountOptions()))
        let last = NewMessage.benchText(messageCount - 1)
        try await reading.wait("to show the last message", asking: Self.askPause) { shown().contains(last) }
        let end = SystemTime().now
        return try await connectionTime().duration(to: end)
    }

    /// The newest day of every conversation.
    private func shown() -> String {
        let folder = mountPoint.appending("conversations")
        let titles = (try? PlainTree.names(in: folder)) ?? []
        return titles.compactMap {
            try? String(contentsOfFile: folder.appending($0).appending("latest.md").string, encoding: .utf8)
        }
        .joined()
    }

    private func connect() async throws {
        writing = try await Companion(root: writer.root, secret: writer.secret, listen: writerAddress)
        reading = try await Companion(root: reader.root, secret: reader.secret)
    }

    private func connectionTime() async throws -> Timestamp {
        let reading = try served(reading)
        let time = Latest<Int64>()
        try await reading.wait("to be connected", asking: Self.askPause) {
            try await reading.perform(ReadEvents()) { event in
                if event.type == "connection-established" { await time.set(event.lastTimestamp) }
            }
            return await time.value != nil
        }
        return Timestamp(milliseconds: Double(await time.value ?? 0))
    }

    private func waitForMessages() async throws {
        let reading = try served(reading)
        try await reading.wait("to have all messages", asking: Self.askPause) {
            try await reading.counts().messages == messageCount + saidCount
        }
    }

    // MARK: More of it

    /// One more message: processor time of both sides until it is there.
    func sayOneMore() async throws -> Duration {
        let both = [try served(writing), try served(reading)]
        let before = try both.map { try ProcessUse(of: $0.processIdentifier).processorTime }
        try await sayAndWait()
        let after = try both.map { try ProcessUse(of: $0.processIdentifier).processorTime }
        return zip(before, after).reduce(.zero) { $0 + $1.1 - $1.0 }
    }

    func sayAndWait() async throws {
        let titles = Latest<String>()
        try await served(writing).perform(ListConversations()) { await titles.set($0.id) }
        saidCount += 1
        let message = SayMessage(conversation: await titles.value ?? "", text: "one more", attachments: [])
        try await served(writing).perform(message)
        try await waitForMessages()
    }

    /// The reader begins anew; returns when it is connected.
    func reconnect() async throws {
        await reading?.end()
        reading = try await Companion(root: reader.root, secret: reader.secret)
        let reading = try served(reading)
        try await reading.wait("to be connected again", asking: Self.askPause) {
            let status = Latest<Snapshot>()
            try await reading.perform(ReportStatus()) { await status.set($0) }
            return await status.value?.connections.isEmpty == false
        }
    }

    func end() async {
        await reading?.end()
        await writing?.end()
    }

    private func served(_ companion: Companion?) throws -> Companion {
        guard let companion else { throw CommandError("nobody is connected") }
        return companion
    }
}

extension Timestamp {
    fileprivate func duration(to end: Self) -> Duration { .nanoseconds(end.nanoseconds - nanoseconds) }
}

extension NewMessage {
    /// What the message with this number says.
    static func benchText(_ number: Int) -> String { "message number \(number) of this conversation" }
}

extension Node {
    private static let batchCount = 4_000

    /// Messages of the owner, a minute apart, up to now.
    fileprivate func writeMessages(_ count: Int, into conversation: String) throws {
        let identity = try requireIdentity()
        guard let keys = identity.ownerKeys else { throw CommandError("this is not the owner's") }
        let affirmer = KeyAffirmer(issuer: identity.ownerID, key: keys.sign, book: author.book)
        let last = (SystemTime().now.milliseconds / 1_000).rounded() * 1_000
        for start in stride(from: 0, to: count, by: Self.batchCount) {
            try author.commit { draft in
                let postings = try (start..<min(start + Self.batchCount, count)).map { number in
                    let time = Timestamp(milliseconds: last - Double(count - number) * 60_000)
                    let message = NewMessage(text: NewMessage.benchText(number), time: time)
                    var posting = try author.write(message, from: identity.ownerID, into: &draft)
                    let affirmed = try affirmer.affirmed(posting.creationTime)
                    posting.metadata.append(try author.addAffirmation(affirmed, to: &draft))
                    return posting
                }
                try author.post(postings, to: Channel(id: conversation, owner: nil), into: &draft)
            }
        }
    }
}
