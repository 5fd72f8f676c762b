import Catalog
import Objects
package import SystemPackage

/// Fills a new custodian's root with a demo.
package struct MakeDemo: Sendable {
    private let root: FilePath
    private let secret: String
    private let size: DemoScript.Size
    private let seed: UInt64

    package init(root: FilePath, secret: String, size: DemoScript.Size, seed: UInt64) {
        (self.root, self.secret, self.size, self.seed) = (root, secret, size, seed)
    }

    /// Returns how many messages were written; `progress` is told as they are.
    package func run(_ surroundings: Node.Surroundings, progress: (Int) async throws -> Void) async throws -> Int {
        let node = try Node(root: root, secret: .success(secret), surroundings: surroundings)
        let identity = try node.requireIdentity()
        guard let ownerKeys = identity.ownerKeys else { throw CommandError("a demo is made where the owner's key is") }
        // The last day of the demo is yesterday: nothing lies in the future of a clock that is a little slow.
        let day: Int64 = 86_400_000_000_000
        let end = Timestamp(nanoseconds: surroundings.time.now.nanoseconds / day * day - 1_000_000_000)
        let script = DemoScript(size: size, seed: seed, end: end)
        let writer = DemoWriter(author: node.author, identity: identity, ownerKeys: ownerKeys, script: script)
        var written = 0
        try await writer.write { done in
            written = done
            try await progress(done)
        }
        try node.catalog.flushVerdicts()
        return written
    }
}
