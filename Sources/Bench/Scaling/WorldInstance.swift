import Foundation
import Node
import SystemPackage

/// The instance of a world of many objects, mounted by a process of its own.
final class WorldInstance {
    let plan: ScalePlan
    let mountPoint: FilePath
    private let world: World
    private(set) var companion: Companion

    /// Makes the world, or takes the one in the folder that `IOM_BENCH_WORLD` names, which `Bench world` made.
    init(site: Site) async throws {
        plan = ScalePlan(objectCount: site.scale.worldObjectCount)
        mountPoint = site.path("world-mount")
        try PlainFile.makeDirectory(mountPoint)
        if let kept = ProcessInfo.processInfo.environment["IOM_BENCH_WORLD"] {
            world = World(directory: FilePath(kept))
        } else {
            world = World(directory: site.path("world"))
            try world.make(plan, seed: 1) { _ in }
        }
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
