import Objects
import Storage
import Synchronization

/// Objects on this disk that have chunks in common with one that is fetched: earlier contents of the same path.
final class OlderVersions: Sendable {
    /// More are not looked through.
    static let countMax = 4
    /// What differs much in size has little in common, and costs as much to look through.
    static let sizeFactorMax = 8

    private let files: [SharedFile]
    private let places: [ObjectHash: (file: Int, range: Range<Int>)]

    /// Looks through them: their lists are read, or made from their bytes.
    init(_ versions: [KnownObject], in store: ObjectStore) async {
        var files: [SharedFile] = []
        var places: [ObjectHash: (file: Int, range: Range<Int>)] = [:]
        for version in versions {
            let list = try? await ChunkLists.list(of: version.hash, in: store) { _, _ in try Task.checkCancellation() }
            guard let list, let descriptor = try? store.openLocal(version.hash) else { continue }
            files.append(SharedFile(descriptor))
            for chunk in 0..<list.count { places[list.hash(of: chunk)] = (files.count - 1, list.range(of: chunk)) }
        }
        (self.files, self.places) = (files, places)
    }

    func has(_ chunk: ObjectHash) -> Bool { places[chunk] != nil }

    /// The bytes of a chunk; nil if they are not what they were.
    func bytes(of chunk: ObjectHash) -> [UInt8]? {
        guard let place = places[chunk], let bytes = try? files[place.file].read(place.range),
            ObjectHash(of: bytes) == chunk
        else { return nil }
        return bytes
    }
}

extension Assembly {
    /// Finds out whether there are any; if so, what they have is not asked for.
    func lookForOlderVersions() {
        guard state.withLock({ $0.older == nil && $0.versions == nil }) else { return }
        let versions = directory.olderVersions(of: hash).filter { version in
            version.byteCount > Fetcher.memoryByteCountMax
                && version.byteCount / OlderVersions.sizeFactorMax < known.byteCount
                && known.byteCount / OlderVersions.sizeFactorMax < version.byteCount
                && (try? store.localByteCount(of: version.hash)) ?? nil != nil
        }
        state.withLock { state in
            state.versions = Array(versions.prefix(OlderVersions.countMax))
            guard !versions.isEmpty else { return }
            (state.plan.isListNeeded, state.plan.isComparing) = (true, true)
        }
    }

    /// Looks through them beside the fetch.
    func compare() async {
        guard let versions = state.withLock({ $0.older == nil ? $0.versions : nil }), !versions.isEmpty else { return }
        let older = await OlderVersions(versions, in: store)
        guard !Task.isCancelled else { return }
        state.withLock { state in
            state.older = older
            state.plan.markCopyable(0..<state.plan.list.count, older)
            state.plan.isComparing = false
        }
        ring()
    }
}
