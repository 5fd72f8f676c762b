import Objects
import Testing

@testable import Peers

/// Contacts that give what they should not: it is told once, nothing of it is kept, and the rest is taken.
@Suite(.timeLimit(.minutes(1))) struct HostileChumTests {
    private let liar: TestContact
    private let bo: TestContact
    private let good: ObjectHash

    init() throws {
        liar = try TestContact("liar", seed: 1)
        bo = try TestContact("bo", seed: 2)
        good = try liar.add(OneObject("Email", [("email", .string("good"))]))
    }

    /// Takes twice what is offered beside something good; what was told, and what else is here now.
    private func offering(_ roots: [AccessibleRoot]) async throws -> (reasons: [String], kept: [ObjectHash]) {
        liar.roots = roots + [.unversioned(good, type: "Email")]
        let before = Set(bo.objects.keys)
        try await chum(bo, liar) { [bo] session in
            try await Importer(client: session.client, target: bo, time: SystemTime()).once()
        }
        #expect(bo.objects[good] != nil)
        let kept = bo.objects.keys.filter { !before.contains($0) && $0 != good }
        return (bo.troubles.map(\.reason), Array(kept))
    }

    @Test func bytesThatAreNotTheObject() async throws {
        let right = try EncodedObject(OneObject("Email", [("email", .string("right"))]), .standard)
        liar.store(right.bytes, sending: Array("<div>wrong</div>".utf8))
        let (reasons, kept) = try await offering([.unversioned(right.hash, type: "Email")])
        #expect(reasons.count == 1 && kept.isEmpty, "\(reasons)")
    }

    @Test(arguments: [
        #"<span itemprop="a">1</div>"#, #"<a itemprop="a" data-type="obj">1</a>"#, "a", #"<b itemprop="a">1</b>"#,
    ])
    func aTypeNobodyKnowsThatIsNoObject(_ properties: String) async throws {
        let hash = liar.store(Array(#"<div itemscope itemtype="//refin.io/Virus">\#(properties)</div>"#.utf8))
        let (reasons, kept) = try await offering([.unversioned(hash, type: "Virus")])
        #expect(reasons == ["it is no object of its type"])
        #expect(kept.isEmpty)
    }

    /// What cannot be read may be of a newer recipe, but is no way round the rules for its type.
    @Test func aPartThatCannotBeReadAndMayNotCome() async throws {
        bo.refusedTypes = ["Leute"]
        let text = "<div itemscope itemtype=\"//refin.io/Leute\"><span itemprop=\"x\">1</span></div>"
        let certificate = OneObject(
            "AffirmationCertificate",
            [
                ("data", .reference(liar.store(Array(text.utf8)))),
                ("license", .reference(try liar.add(License.affirmation))),
            ]
        )
        let root = try liar.add(certificate)
        let (reasons, kept) = try await offering([.unversioned(root, type: "AffirmationCertificate")])
        #expect(reasons.count == 1 && kept.isEmpty, "\(reasons)")
    }

    @Test func versionsOfATypeNobodyKnows() async throws {
        let hash = liar.store(
            Array(#"<div itemscope itemtype="//refin.io/Virus"><span itemprop="a">1</span></div>"#.utf8)
        )
        let node = try liar.add(VersionNode(link: .edge, data: hash, depth: 0, creationTime: 1).object)
        let (reasons, kept) = try await offering([.versionNode(node, id: IDHash(hash), type: "Virus")])
        #expect(reasons == ["it is a version of another thing than it was offered as"])
        #expect(kept.isEmpty && bo.heads.isEmpty)
    }

    @Test func aVersionOfWhatIsHereAndNoObject() async throws {
        let text = liar.store(Array("no object".utf8))
        bo.store(Array("no object".utf8))
        let node = try liar.add(VersionNode(link: .edge, data: text, depth: 0, creationTime: 1).object)
        let (reasons, _) = try await offering([.versionNode(node, id: IDHash(text), type: "ChannelInfo")])
        #expect(reasons == ["it is a version of another thing than it was offered as"])
        #expect(bo.heads.isEmpty)
    }

    @Test func anotherTypeThanAnnounced() async throws {
        let hash = try liar.add(OneObject("Email", [("email", .string("x"))]))
        let (reasons, kept) = try await offering([.unversioned(hash, type: "Topic")])
        #expect(reasons == ["it is not of the type it was offered as"])
        #expect(kept.isEmpty)
    }

    @Test func whatMayNotComeFromOthers() async throws {
        bo.refusedTypes = ["Leute"]
        let leute = OneObject(
            "Leute",
            [
                ("appId", .string("one.leute")), ("me", .reference(ObjectHash(of: [1]))), ("other", .list([])),
                ("group", .list([])),
            ]
        )
        liar.store([1])
        let node = try liar.edge(leute, at: 5)
        let id = try Microdata.idHash(of: leute, .standard)
        let (reasons, kept) = try await offering([.versionNode(node, id: id, type: "Leute")])
        #expect(reasons.count == 1 && kept.isEmpty, "\(reasons)")
        #expect(bo.heads.isEmpty)
    }

    @Test func versionsOfAnotherThing() async throws {
        let info = OneObject("ChannelInfo", [("id", .string("club"))])
        let node = try liar.edge(info, at: 5)
        let other = try Microdata.idHash(of: OneObject("ChannelInfo", [("id", .string("other"))]), .standard)
        let (reasons, kept) = try await offering([.versionNode(node, id: other, type: "ChannelInfo")])
        #expect(reasons == ["it is a version of another thing than it was offered as"])
        #expect(kept.isEmpty && bo.heads.isEmpty)
    }

    @Test(arguments: [0.0, 1, 3, -1, .infinity, 1e300]) func historiesOutOfOrder(_ depth: Double) async throws {
        let info = OneObject("ChannelInfo", [("id", .string("club"))])
        let first = try liar.edge(info, at: 5)
        let middle = VersionNode(link: .change(previous: first), data: try liar.add(info), depth: 1, creationTime: 6)
        let last = VersionNode(
            link: .change(previous: try liar.add(middle.object)),
            data: try liar.add(info),
            depth: depth,
            creationTime: 7
        )
        let id = try Microdata.idHash(of: info, .standard)
        let (reasons, kept) = try await offering([
            .versionNode(try liar.add(last.object), id: id, type: "ChannelInfo")
        ])
        #expect(reasons.count == 1 && kept.isEmpty && bo.heads.isEmpty, "\(reasons)")
    }

    /// A history that leads to itself cannot have right hashes: what is sent for one of them is another object.
    @Test func aHistoryThatLeadsToItself() async throws {
        let info = OneObject("ChannelInfo", [("id", .string("club"))])
        let data = try liar.add(info)
        let ring = ObjectHash(of: [7])
        let node = VersionNode(link: .change(previous: ring), data: data, depth: 2, creationTime: 6)
        let hash = try liar.add(node.object)
        let back = VersionNode(link: .change(previous: hash), data: data, depth: 1, creationTime: 5)
        let bytes = try EncodedObject(back.object, .standard).bytes
        liar.store([7], sending: bytes)
        let id = try Microdata.idHash(of: info, .standard)
        let (reasons, kept) = try await offering([.versionNode(hash, id: id, type: "ChannelInfo")])
        #expect(reasons.count == 1 && kept.isEmpty && bo.heads.isEmpty, "\(reasons)")
    }

    /// Such a list could not be united with ours, and would end every session before the rest is taken.
    @Test func aChannelWhoseHeadIsNoEntry() async throws {
        let email = try liar.add(OneObject("Email", [("email", .string("no entry"))]))
        let info = OneObject("ChannelInfo", [("id", .string("club")), ("head", .reference(email))])
        let node = try liar.edge(info, at: 5)
        let id = try Microdata.idHash(of: info, .standard)
        let (reasons, kept) = try await offering([.versionNode(node, id: id, type: "ChannelInfo")])
        #expect(reasons == ["its head is no LinkedListEntry"])
        #expect(kept.isEmpty && bo.heads.isEmpty)
    }

    /// Of a version that is here nothing else is needed: its node alone would refer to a history that is not.
    @Test func aKnownVersionAfterOthersThatAreNot() async throws {
        let info = OneObject("ChannelInfo", [("id", .string("club"))])
        let id = try Microdata.idHash(of: info, .standard)
        _ = try await offering([.versionNode(try liar.edge(info, at: 5), id: id, type: "ChannelInfo")])
        let before = try liar.edge(info, at: 3)
        let after = VersionNode(link: .change(previous: before), data: try liar.add(info), depth: 1, creationTime: 6)
        let node = try liar.add(after.object)
        let (reasons, kept) = try await offering([.versionNode(node, id: id, type: "ChannelInfo")])
        #expect(reasons.isEmpty && kept.isEmpty)
        #expect(bo.objects[node] == nil && bo.heads[id] != nil)
    }

    @Test func aThousandThingsThatAreNotThere() async throws {
        let roots = (0..<1_000).map { AccessibleRoot.unversioned(ObjectHash(of: [UInt8($0 & 255), 1]), type: "Email") }
        let (reasons, kept) = try await offering(roots)
        #expect(reasons.count == 256 && kept.isEmpty)
        #expect(bo.tellings == 1)
    }

    @Test func anObjectThatIsTooLarge() async throws {
        let text = String(repeating: "x", count: ChumService.objectByteCountMax + 1)
        let hash = try liar.add(OneObject("Email", [("email", .string(text))]))
        let (reasons, kept) = try await offering([.unversioned(hash, type: "Email")])
        #expect(reasons == ["an object that is too large"])
        #expect(kept.isEmpty)
    }

    @Test func aListThatIsNone() async throws {
        let bad = [
            "", "{}", "[1]", #"[{"type":"other"}]"#, #"[{"type":"id","idHash":"zz","oneType":"A"}]"#,
            String(repeating: "[", count: 100_000), "[" + String(repeating: "{},", count: 2_000_000) + "{}]",
        ]
        for text in bad { #expect(AccessibleRoot.roots(from: text) == nil) }
        #expect(ObjectChild.children(from: #"[{"type":"object","hash":"0"}]"#) == nil)
        #expect(ObjectChild.children(from: #"[{"type":"thing","hash":"\#(good)"}]"#) == nil)
    }
}
