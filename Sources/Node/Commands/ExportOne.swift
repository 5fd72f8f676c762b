import Catalog
import Objects
package import Storage
package import SystemPackage

/// Writes this instance as a directory that ONE.CORE opens.
package struct ExportOne: NodeCommand {
    package static let name = "export"

    /// Progress is told once for so many objects.
    private static let progressCount = 256

    /// The base directory, absolute.
    package var base: String
    /// Seals the keys there.
    package var secret: String

    package init(base: FilePath, secret: String) { (self.base, self.secret) = (base.string, secret) }

    package enum Item: Codable, Sendable {
        case progress(done: Int, total: Int)
        case report(ExportReport)
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        let identity = try node.requireIdentity()
        try checkNames(identity, node)
        let counts = try node.catalog.statistics()
        var reverseMaps = ReverseMaps.standard
        if let instance = try node.author.versions.current(identity.instanceID) { reverseMaps.enable(by: instance) }
        let export = try Export(of: node.store, identity.instanceID, to: FilePath(base), node.author.book, reverseMaps)
        let (progress, told) = AsyncStream<Item>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let keys = try keys(of: identity, node)
        var report = try await withThrowingTaskGroup(of: ExportReport?.self) { group in
            group.addTask {
                defer { told.finish() }
                return try export.run(keys: keys, secret: secret, random: node.random) { done in
                    if done.isMultiple(of: Self.progressCount) {
                        told.yield(.progress(done: done, total: counts.heldCount))
                    }
                }
            }
            for await item in progress { try await emit(item) }
            return try await group.next() ?? nil
        }
        report?.absentCount = counts.objectCount - counts.heldCount
        if let report { try await emit(.report(report)) }
    }

    /// The owner's keys, where they are here, and the instance's, then those of other persons the owner is, too.
    private func keys(of identity: Identity, _ node: Node) throws -> [(hash: ObjectHash, keyring: Keyring)] {
        var keys = [(identity.instanceID, identity.instanceKeys)]
        if let ownerKeys = identity.ownerKeys { keys.append((identity.ownerID, ownerKeys)) }
        let first = try keys.map { owner, keyring in
            (try EncodedObject(keyring.keysObject(owner: owner.objectHash), node.author.book).hash, keyring)
        }
        var others: [(hash: ObjectHash, keyring: Keyring)] = []
        if let keychain = identity.keychain {
            for hash in try keychain.completeKeys() where !first.contains(where: { $0.0 == hash }) {
                guard try node.store.contains(hash), let keyring = try keychain.keyring(of: hash) else { continue }
                others.append((hash, keyring))
            }
        }
        return first + others
    }

    private func checkNames(_ identity: Identity, _ node: Node) throws {
        var names = [identity.name]
        if case .string(let email)? = try node.author.versions.idObject(identity.ownerID)["email"] {
            names.append(email)
        }
        if let name = names.first(where: { $0.contains { "&<>".contains($0) } }) {
            throw Export.Failure.unusableName(name)
        }
    }
}
