import Objects

extension Charge {
    /// Room is made so often before there is held to be none; one may have begun before it was known what is wanted.
    private static let reliefCount = 2
    /// Longest time that it is waited for.
    private static let patience = Duration.seconds(10)

    /// Promises room to all of what is to be stored, waiting until some is made where there is none; to be settled.
    ///
    /// - Returns: false: there is none, or the task was cancelled; nothing is promised.
    func promise(awaiting sizes: [Int]) async -> Bool {
        // What can never fit is not waited for.
        if let room = (try? objectRoom()) ?? nil, RoomPromises.needed(sizes) > room { return false }
        for _ in 0..<Self.reliefCount {
            // Whatever happens from now on is looked at again.
            let (reliefs, changes) = (reliefs(), policies.changes())
            if promise(all: sizes, isWanted: true) { return true }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { for await _ in reliefs { return } }
                group.addTask { for await _ in changes { return } }
                group.addTask { try? await self.time.sleep(for: Self.patience) }
                await group.next()
                group.cancelAll()
            }
            if Task.isCancelled { return false }
        }
        return promise(all: sizes, isWanted: true)
    }
}
