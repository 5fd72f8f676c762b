import Catalog
import Objects
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Node

/// What a killed process had made durable and could not make known any more.
@Suite struct RecoveryTests {
    /// Bytes of some objects that no catalog was told of.
    private static let texts = (0..<40).map { Array("left behind \($0)".utf8) }

    /// Leaves objects and no mark, as SIGKILL does.
    private func leaveBehind(_ folder: TemporaryDirectory) throws -> FilePath {
        let (node, _) = try AuthorTests.custodian(folder)
        _ = try node.store.put(Self.texts)
        node.recovery.expect()
        return node.root.path
    }

    private func open(_ path: FilePath, recoversLater: Bool) throws -> Node {
        try Node(
            root: path,
            secret: .success("secret"),
            surroundings: AuthorTests.surroundings(),
            recoversLater: recoversLater
        )
    }

    @Test(arguments: [false, true])
    func whatWasMadeDurableBecomesKnown(recoversLater: Bool) async throws {
        let folder = TemporaryDirectory()
        let path = try leaveBehind(folder)
        let node = try open(path, recoversLater: recoversLater)
        try await node.finishRecovery()
        for text in Self.texts {
            let known = try #require(try node.catalog.known(ObjectHash(of: text)))
            #expect(known.held && known.object.byteCount == text.count)
        }
    }

    @Test func theDirectoriesThatChangedLastComeFirst() throws {
        let folder = TemporaryDirectory()
        let path = try leaveBehind(folder)
        let node = try open(path, recoversLater: true)
        let last = try node.store.put(Array("the last".utf8))
        let first = try #require(try node.store.shards().first)
        #expect(first.area == .objects && first.number == last.hash[0])
        #expect(try node.store.names(in: first).contains(last.hash))
        #expect(try node.store.shards().count == 512)
    }

    @Test func whatWasNotFoundYetIsLookedForAtTheNextStart() throws {
        let folder = TemporaryDirectory()
        let path = try leaveBehind(folder)
        do {
            let node = try open(path, recoversLater: true)
            node.recovery.expect()
        }
        #expect(try Tenure(on: Root.open(at: path).disk()).begin() == false)
    }

    @Test func whatComesMeanwhileStaysKnown() throws {
        let folder = TemporaryDirectory()
        let (node, _) = try AuthorTests.custodian(folder)
        var reconciliation = try Reconciliation(node.author)
        var known: [KnownObject] = []
        repeat {
            known += try node.author.putBlobs([Array("while looking \(known.count)".utf8)])
        } while try reconciliation.step()
        for object in known { #expect(try node.catalog.known(object.hash)?.held == true) }
    }
}
