import Objects
import Testing

@testable import Node

/// What a contact may bring, and what is nobody's to bring.
@Suite struct ImportRulesTests {
    private let owner = IDHash(ObjectHash(of: [1]))
    private let peer = IDHash(ObjectHash(of: [2]))
    private let third = IDHash(ObjectHash(of: [3]))

    private func rules(foreign: Set<IDHash> = []) -> ImportRules {
        ImportRules(owner: owner, peer: peer) { foreign.contains($0) }
    }

    private func isTaken(_ object: OneObject, foreign: Set<IDHash> = []) -> Bool {
        rules(foreign: foreign).refusal(of: object, isID: false) == nil
    }

    private func profile(of person: IDHash, by author: IDHash) -> OneObject {
        OneObject(
            "Profile",
            [("personId", .reference(person.objectHash)), ("owner", .reference(author.objectHash))]
        )
    }

    private func channel(_ id: String, owner: IDHash? = nil) -> OneObject {
        OneObject("ChannelInfo", [("id", .string(id)), ("owner", owner.map { .reference($0.objectHash) })])
    }

    @Test(arguments: [
        "Leute", "Someone", "Access", "IdAccess", "Group", "ChannelRegistry", "TopicAppRegistry", "Recipe",
    ])
    func `Registries, access and groups are nobody else's`(_ type: String) {
        #expect(rules().refusal(of: OneObject(type, []), isID: false) != nil)
        #expect(rules().refusal(of: OneObject(type, []), isID: true) != nil)
    }

    @Test func `Profiles and keys of the owner are nobody else's`() {
        #expect(!isTaken(profile(of: owner, by: peer)))
        #expect(!isTaken(profile(of: owner, by: owner)))
        #expect(isTaken(profile(of: peer, by: peer)))
        #expect(rules().refusal(ofVersion: profile(of: peer, by: peer)) == nil)
        #expect(rules().refusal(ofVersion: profile(of: third, by: third)) != nil)
        #expect(!isTaken(OneObject("Keys", [("owner", .reference(owner.objectHash))])))
        #expect(isTaken(OneObject("Keys", [("owner", .reference(peer.objectHash))])))
        #expect(!isTaken(OneObject("OneInstanceEndpoint", [("personId", .reference(owner.objectHash))])))
        #expect(!isTaken(OneObject("Instance", [])))
    }

    @Test func `What the owner has signed may come back, and nothing else under the owner's name`() {
        let (mine, another) = (SignKeyPair(random: SeededRandom(seed: 1)), SignKeyPair(random: SeededRandom(seed: 2)))
        let rules = ImportRules(owner: owner, peer: peer, ownerSignKey: mine.publicKey) { _ in false }
        let data = ObjectHash(of: [7])
        func signature(by key: SignKeyPair, issuer: IDHash) -> OneObject {
            let text = Hex.text(key.sign(Array(data.hex.utf8)))
            return OneObject(
                "Signature",
                [
                    ("issuer", .reference(issuer.objectHash)), ("data", .reference(data)),
                    ("signature", .string(text)),
                ]
            )
        }
        #expect(rules.refusal(of: signature(by: mine, issuer: owner), isID: false) == nil)
        #expect(rules.refusal(of: signature(by: another, issuer: owner), isID: false) != nil)
        // Of others it is only shown that it is not proven.
        #expect(rules.refusal(of: signature(by: another, issuer: peer), isID: false) == nil)
    }

    @Test func `Only the two may bring a conversation of two`() {
        #expect(isTaken(channel(Author.pairID(owner, peer))))
        #expect(!isTaken(channel(Author.pairID(owner, third))))
        #expect(!isTaken(channel(Author.pairID(peer, third))))
    }

    @Test func `A channel that is here is written by those it was shared with`() throws {
        #expect(isTaken(channel("club")))
        let id = try Channel(id: "club", owner: nil).idHash(.standard)
        #expect(!isTaken(channel("club"), foreign: [id]))
        #expect(isTaken(channel("club", owner: peer), foreign: [id]))
        #expect(!isTaken(channel("club", owner: owner)))
        #expect(!isTaken(channel("club", owner: third)))
        #expect(!isTaken(channel(Author.filesChannelID)))
    }

    @Test func `A topic leads to its own channel`() throws {
        let club = try Channel(id: "club", owner: nil).idHash(.standard)
        let other = try Channel(id: "other", owner: nil).idHash(.standard)
        func topic(_ channel: IDHash) -> OneObject {
            OneObject("Topic", [("id", .string("club")), ("channel", .reference(channel.objectHash))])
        }
        #expect(isTaken(topic(club)))
        #expect(!isTaken(topic(other)))
    }
}
