import Foundation
import Node
import SystemPackage

/// The instance of a world of many objects, mounted by a process of its own.
final class WorldInstance {
    let mountPoint: FilePath
    private let world: World
    var plan: any WorldPlan { world.plan }
    var catalog: FilePath { world.root.appending("catalog.sqlite") }
    private(set) var companion: Companion

    init(world: World, mountPoint: FilePath) async throws {
        (self.world, self.mountPoint) = (world, mountPoint)
        try PlainFile.makeDirectory(mountPoint)
        companion = try await Companion(root: world.root, secret: world.secret)
        try await mount()
    }

    /// How a process comes to its end.
    enum End { case clean, killed }

    /// Ends it, lets the kernel forget what it can, and starts it again; how long until the mount shows its top.
    func restart(after end: End) async throws -> Duration {
        if end == .killed {
            companion.kill()
            try Unmounting.run(at: mountPoint)
        } else {
            await companion.end()
        }
        try KernelCache.empty()
        let start = ContinuousClock.now
        companion = try await Companion(root: world.root, secret: world.secret)
        try await mount()
        _ = try FileManager.default.contentsOfDirectory(atPath: mountPoint.string)
        return ContinuousClock.now - start
    }

    private func mount() async throws {
        try await companion.perform(Mounting(directory: mountPoint.string, options: MountOptions()))
    }
}
