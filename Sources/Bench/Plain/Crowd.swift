import Foundation
import SystemPackage

/// Readers of files, each on a thread of its own, as programs of people are.
struct Crowd {
    let readerCount: Int

    /// Reads every file once; how many bytes came.
    func read(_ paths: [FilePath]) async throws -> Int {
        let readerCount = readerCount
        let (results, continuation) = AsyncStream<Result<Int, any Error>>.makeStream()
        for reader in 0..<readerCount {
            let thread = Thread {
                continuation.yield(
                    Result {
                        try stride(from: reader, to: paths.count, by: readerCount).reduce(0) { sum, index in
                            try sum + PlainFile.read(paths[index])
                        }
                    }
                )
            }
            thread.start()
        }
        var byteCount = 0
        for await result in results.prefix(readerCount) { byteCount += try result.get() }
        return byteCount
    }
}
