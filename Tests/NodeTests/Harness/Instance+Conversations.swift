import Objects
import Storage
import Testing

@testable import Node

extension Instance {
    /// Conversations with these names, and in each a message with an attachment that has the name too.
    func writeConversations(_ names: [String], text: String = "hello") throws {
        let node = try open()
        let identity = try node.requireIdentity()
        let key = try #require(identity.ownerKeys)
        let author = node.author
        let affirmer = KeyAffirmer(issuer: identity.ownerID, key: key.sign, book: author.book)
        let blob = try author.putBlobs([Array("12345".utf8)])[0]
        for (index, name) in names.enumerated() {
            let time = Timestamp(milliseconds: 1_767_225_600_000 + Double(index) * 1_000)
            let topic = try author.commit { draft in
                try author.createTopic(id: "topic-\(index)\(name)", name: name, into: &draft)
            }
            try author.commit { draft in
                let attachment = NewAttachment(blob: blob, name: name, mimeType: name, modified: time)
                let message = NewMessage(text: text, attachments: [attachment, attachment], time: time)
                var posting = try author.write(message, from: identity.ownerID, into: &draft)
                let signature = try author.addAffirmation(affirmer.affirmed(posting.creationTime), to: &draft)
                posting.metadata.append(signature)
                let channel = try author.channel(ofTopic: topic, owner: identity.ownerID, in: draft)
                try author.post([posting], to: channel, into: &draft)
            }
        }
    }
}
