import Glibc
import Objects
import Storage
import SystemPackage

/// Makes smaller renditions of images by `vipsthumbnail` of libvips, so that the originals need not stay here.
///
/// Images come from anybody: the program that reads them is another process, with a limit on memory, time and output, and
/// what it writes is looked at before it is kept.
struct Previews: Sendable {
    /// Pixels along the longer edge.
    static let edgeMax = 1024
    private static let quality = 75
    /// Larger images stay as they are.
    private static let imageByteCountMax = 64 << 20
    private static let memoryByteCountMax = 1 << 30
    private static let processorSecondsMax = 20
    private static let timeMax = Duration.seconds(30)

    let store: ObjectStore
    let time: any Timekeeper

    /// Where the program is; nil if it is not installed (Debian: libvips-tools).
    static let program = BoundedProgram.path(of: "vipsthumbnail")
    /// For people, where it is not.
    static let absence = "vipsthumbnail is not installed (Debian: libvips-tools)"

    /// Makes a rendition of an object if it is an image that is here and gets much smaller by it.
    ///
    /// - Returns: whether there is one now.
    func make(of hash: ObjectHash) async throws -> Bool {
        if store.previews.status(of: hash) != nil { return true }
        guard let program = Self.program, try await isWanted(of: hash),
            let byteCount = try store.localByteCount(of: hash),
            let image = try store.openLocal(hash)
        else { return false }
        defer { try? image.close() }
        let arguments = ["stdin", "-s", "\(Self.edgeMax)x\(Self.edgeMax)>", "-o", ".jpg[Q=\(Self.quality),strip]"]
        let rendering = BoundedProgram(
            path: program,
            arguments: arguments,
            // Loaders that were not made for strangers' files are not used (libvips 8.13, "vips_block_untrusted_set").
            environment: ["VIPS_BLOCK_UNTRUSTED=1", "VIPS_CONCURRENCY=1", "PATH=/usr/bin:/bin", "LANG=C.UTF-8"],
            memoryByteCountMax: Self.memoryByteCountMax,
            processorSecondsMax: Self.processorSecondsMax,
            outputByteCountMax: PreviewShelf.byteCountMax
        )
        guard let output = try await rendering.run(reading: image, within: Self.timeMax, time: time),
            let frame = JPEGFrame(output), (1...Self.edgeMax).contains(frame.width),
            (1...Self.edgeMax).contains(frame.height), output.count <= byteCount / 2
        else { return false }
        try store.previews.keep(output, of: hash)
        return true
    }

    /// Whether there is one, or one could be tried.
    func isPossible(of hash: ObjectHash) async throws -> Bool {
        if store.previews.status(of: hash) != nil { return true }
        guard Self.program != nil else { return false }
        return try await isWanted(of: hash)
    }

    /// Whether it is an image that is here, not too large, and without one.
    func isWanted(of hash: ObjectHash) async throws -> Bool {
        guard store.previews.status(of: hash) == nil, let byteCount = try store.localByteCount(of: hash),
            (1...Self.imageByteCountMax).contains(byteCount)
        else { return false }
        return Self.isImage(try await store.read(0..<min(16, byteCount), of: hash))
    }

    /// By the first bytes: JPEG, PNG, GIF, WebP, TIFF.
    static func isImage(_ start: [UInt8]) -> Bool {
        let signatures: [[UInt8]] = [
            [0xFF, 0xD8, 0xFF], [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], Array("GIF8".utf8),
            [0x49, 0x49, 0x2A, 0], [0x4D, 0x4D, 0, 0x2A],
        ]
        return signatures.contains { start.starts(with: $0) }
            || start.starts(with: "RIFF".utf8) && start.dropFirst(8).starts(with: "WEBP".utf8)
    }
}

extension Node {
    var previews: Previews { Previews(store: store, time: time) }
}
