import Objects
import Storage
import SystemPackage

extension Node {
    /// How long the lock of a root is waited for: a command has it for a moment, a node takes one to start or end.
    private static let lockTimeMax = Duration.seconds(3)
    private static let lockRetryPause = Duration.milliseconds(50)

    /// Opens a root, waiting while another process has it; nil as soon as `isDone` says that there is no need to.
    static func open(
        root: FilePath,
        secret: FilePath,
        recoversLater: Bool = false,
        unless isDone: () async throws -> Bool
    ) async throws -> Node? {
        let surroundings = Surroundings.system()
        let start = surroundings.time.elapsed
        while true {
            if try await isDone() { return nil }
            do {
                return try Node(
                    root: root,
                    secret: Secrets.result(at: secret),
                    surroundings: surroundings,
                    recoversLater: recoversLater
                )
            } catch let error as RootError {
                guard case .inUse = error, surroundings.time.elapsed - start < lockTimeMax else { throw error }
                try await surroundings.time.sleep(for: lockRetryPause)
            }
        }
    }
}
