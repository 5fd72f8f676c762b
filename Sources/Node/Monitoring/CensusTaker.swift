import Catalog
import Logging
import Objects
import ServiceLifecycle
import Storage
import Views

/// Looks up now and then what is not counted as it happens: why objects are here, and how many files there are.
///
/// Takes a small part of the time, and does not look where there is so much that it would be felt.
struct CensusTaker: Service {
    /// After the start there are other things to do.
    private static let firstPause = Duration.seconds(10)
    private static let pause = Duration.seconds(600)
    /// It rests so many times as long as it took.
    private static let restFactor = 200
    private static let pageCount = 1_024
    /// Of more objects it is not told why they are here.
    private static let objectsMax = 500_000

    let node: Node

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var pause = Self.firstPause
            while (try? await node.time.sleep(for: pause)) != nil {
                let begun = node.time.elapsed
                do {
                    try await withTaskExecutorPreference(globalConcurrentExecutor) { try await take() }
                } catch {
                    guard !Task.isCancelled else { return }
                    node.logger.info("counting why things are here failed", metadata: LogReason.metadata(error))
                }
                pause = max(Self.pause, (node.time.elapsed - begun) * Self.restFactor)
            }
        }
    }

    /// Counts once.
    func take() async throws {
        let files = try node.catalog.fileCount()
        var reasons = Snapshot.Reasons(asOf: node.time.now.wholeMilliseconds)
        if try node.catalog.statistics().heldCount <= Self.objectsMax { try await count(&reasons) }
        node.census.current = .init(files: files, reasons: reasons)
    }

    private func count(_ reasons: inout Snapshot.Reasons) async throws {
        let pinned = try pinnedHashes()
        let isAll = node.policy.keepsEverything
        let demanded = isAll ? [] : try demandedHashes()
        var sums = (pinned: 0, demanded: 0, onlyCopy: 0, recentlyUsed: 0, notSorted: 0)
        var last: ObjectHash?
        while true {
            let page = try node.catalog.countedObjects(after: last, limit: Self.pageCount)
            guard let end = page.last else { break }
            last = end.hash
            let needed = isAll ? [] : try node.catalog.needed(page.map(\.hash))
            for object in page {
                let size = object.chargedByteCount
                if pinned.contains(object.hash) {
                    sums.pinned += size
                } else if isAll {
                    sums.demanded += size
                } else if object.isUnconfirmed {
                    sums.onlyCopy += size
                } else if demanded.contains(object.hash) || needed.contains(object.hash) {
                    sums.demanded += size
                } else if object.wasUsed {
                    sums.recentlyUsed += size
                } else {
                    sums.notSorted += size
                }
            }
            try Task.checkCancellation()
            await Task.yield()
        }
        (reasons.pinned, reasons.demanded, reasons.onlyCopy) = (sums.pinned, sums.demanded, sums.onlyCopy)
        (reasons.recentlyUsed, reasons.notSorted) = (sums.recentlyUsed, sums.notSorted)
    }

    private func pinnedHashes() throws -> Set<ObjectHash> {
        var hashes: Set<ObjectHash> = []
        let walk = TreeWalk(view: node.view())
        for pin in node.pins.pins {
            if let hash = pin.hash {
                hashes.insert(hash)
            } else if let entry = node.pins.entry(of: pin) {
                var files = walk.files(below: entry)
                while let file = try files.next() {
                    if case .object(let hash) = file.kind { hashes.insert(hash) }
                }
            }
        }
        return hashes
    }

    private func demandedHashes() throws -> Set<ObjectHash> {
        let objects = DemandedObjects(of: try node.demand(), in: node.catalog, isExhaustive: true)
        let items = try objects.contacts() + objects.messages() + objects.files(missingOnly: false)
        return Set(items.lazy.filter(\.object.isHere).map(\.object.hash))
    }
}
