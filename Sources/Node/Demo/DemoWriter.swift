import Objects
import Storage

/// Writes a demo into a custodian's root.
struct DemoWriter {
    /// Messages made durable together.
    private static let batchCount = 1_000
    private static let pictureWidth = 320
    private static let pictureHeight = 200

    let author: Author
    let identity: Identity
    let ownerKeys: Keyring
    let script: DemoScript

    /// Everything, with a word of progress for each batch: messages written so far.
    func write(progress: (Int) async throws -> Void) async throws {
        let people = try addPeople()
        var written = 0
        for (index, conversation) in script.conversations().enumerated() {
            let topic = try createTopic(conversation, index: index, people: people)
            let lines = script.lines(of: conversation)
            for start in stride(from: 0, to: lines.count, by: Self.batchCount) {
                let batch = lines[start..<min(start + Self.batchCount, lines.count)]
                try write(batch, to: topic, people: people)
                written += batch.count
                try await progress(written)
            }
        }
        try addFiles()
    }

    private struct Person {
        var id: IDHash
        var keys: Keyring
    }

    private func addPeople() throws -> [Person] {
        try author.commit { draft in
            try DemoScript.people.enumerated().map { index, name in
                let keys = Keyring(random: script.random)
                let person = NewPerson(email: "person\(index + 1)@demo.invalid", name: name, keys: keys)
                let id = try author.addContact(
                    person,
                    someoneID: "demo-\(index + 1)",
                    owner: identity.ownerID,
                    ownerKeys: ownerKeys,
                    into: &draft
                )
                return Person(id: id, keys: keys)
            }
        }
    }

    private func createTopic(
        _ conversation: DemoScript.Conversation,
        index: Int,
        people: [Person]
    ) throws -> ObjectHash {
        try author.commit { draft in
            guard conversation.title == nil, let other = conversation.people.first else {
                return try author.createTopic(id: "demo-group-\(index)", name: conversation.title, into: &draft)
            }
            let id = [identity.ownerID.hex, people[other].id.hex].sorted().joined(separator: "<->")
            return try author.createTopic(id: id, name: id, into: &draft)
        }
    }

    private func write(_ lines: ArraySlice<DemoScript.Line>, to topic: ObjectHash, people: [Person]) throws {
        var attachments = try store(lines)
        try author.commit { draft in
            let channel = try author.channel(ofTopic: topic, owner: identity.ownerID, in: draft)
            let postings = try lines.map { line in
                let writer = line.author.map { people[$0] } ?? Person(id: identity.ownerID, keys: ownerKeys)
                let files = line.attachment == nil ? [] : [attachments.removeFirst()]
                let message = NewMessage(text: line.text, attachments: files, time: line.time)
                return try signed(author.write(message, from: writer.id, into: &draft), by: writer, in: &draft)
            }
            try author.post(postings, to: channel, into: &draft)
        }
    }

    private func signed(_ posting: Posting, by writer: Person, in draft: inout Draft) throws -> Posting {
        var posting = posting
        let affirmer = KeyAffirmer(issuer: writer.id, key: writer.keys.sign, book: author.book)
        let signature = try author.addAffirmation(affirmer.affirmed(posting.creationTime), to: &draft)
        posting.metadata.append(signature)
        return posting
    }

    /// Stores the attachments of these lines, in their order.
    private func store(_ lines: ArraySlice<DemoScript.Line>) throws -> [NewAttachment] {
        var contents: [(name: String, time: Timestamp, bytes: [UInt8])] = []
        for line in lines {
            switch line.attachment {
            case .picture(let name, let seed):
                let picture = Picture(width: Self.pictureWidth, height: Self.pictureHeight, seed: seed)
                contents.append((name, line.time, picture.png()))
            case .note(let name, let text): contents.append((name, line.time, Array(text.utf8)))
            case nil: continue
            }
        }
        return zip(contents, try author.putBlobs(contents.map(\.bytes))).map { content, blob in
            let type = MIMEType.of(fileName: content.name)
            return NewAttachment(blob: blob, name: content.name, mimeType: type, modified: content.time)
        }
    }

    private func addFiles() throws {
        let paths = [["Letters", "to Oma.txt"], ["Letters", "2024", "landlord.txt"], ["packing list.txt"]]
        let texts = paths.map { _ in (0..<12).map { _ in DemoPhrases.sentence(script.roll) + "\n" }.joined() }
        let blobs = try author.putBlobs(texts.map { Array($0.utf8) })
        let modified = Timestamp(nanoseconds: script.end.nanoseconds - 86_400_000_000_000)
        let files = zip(paths, blobs).map { NewFile(path: $0, blob: $1, mode: 0o100644, modified: modified) }
        guard let root = try author.writeFiles(files, owner: identity.ownerID) else { return }
        try author.commit { draft in
            let posting = try signed(root, by: Person(id: identity.ownerID, keys: ownerKeys), in: &draft)
            let channel = Channel(id: Author.filesChannelID, owner: identity.ownerID)
            try author.post([posting], to: channel, into: &draft)
        }
    }
}
