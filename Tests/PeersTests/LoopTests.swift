import NIOCore
import NIOPosix
import Testing

@testable import Peers

/// What runs on the thread of a connection.
@Suite(.timeLimit(.minutes(1))) struct LoopTests {
    @Test func `A task on a loop stays on its thread, and so do its children`() async {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let places = await withTaskExecutorPreference(LoopExecutor(loop)) {
            await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        await Task.yield()
                        return loop.inEventLoop
                    }
                }
                group.addTask(executorPreference: globalConcurrentExecutor) { !loop.inEventLoop }
                return await group.reduce(into: [Bool]()) { $0.append($1) }
            }
        }
        #expect(places == Array(repeating: true, count: 5))
    }
}
