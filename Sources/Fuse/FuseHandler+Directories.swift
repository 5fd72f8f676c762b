import CFuse
import Glibc
import Objects
import SystemPackage
import Views

extension FuseHandler {
    func openDirectory(_ number: EntryNumber) throws(ObjectError) -> FuseReply {
        let directory = try view.openDirectory(number)
        guard let handle = directories.insert(directory) else { return .failed(.tooManyOpenFilesInSystem) }
        return .openedDirectory(handle, isKept: view.lifetime(of: directory.entry).isContentLasting)
    }

    /// A listing after a cursor, as much of it as fits into `byteCount` (`fuse_add_direntry`, `fuse_add_direntry_plus`).
    func list(
        _ handle: UInt64,
        after cursor: UInt64,
        byteCount: Int,
        withAttributes: Bool
    ) throws(ObjectError) -> FuseReply {
        guard let directory = directories[handle] else { return .failed(.badFileDescriptor) }
        var page = ListingPage(byteCount: min(byteCount, Self.pageByteCountMax))
        try directory.list(after: cursor) { line throws(ObjectError) in
            try withAttributes
                ? self.addWithAttributes(line, to: &page) : page.add(line, view.attributes(of: line.entry))
        }
        return .bytes(page.bytes, 0..<page.bytes.count)
    }

    private static let pageByteCountMax = 1 << 20

    func releaseDirectory(_ handle: UInt64) -> FuseReply {
        directories.remove(handle)
        return .done
    }

    /// False if it does not fit.
    private func addWithAttributes(_ line: Directory.Line, to page: inout ListingPage) throws(ObjectError) -> Bool {
        guard !line.isDots else {
            return page.add(line, view.attributes(of: line.entry), lifetime: nil)
        }
        let entry: Entry
        do throws(ObjectError) {
            // Each line is also a lookup, which the kernel gives back later.
            entry = try view.retain(line.entry)
        } catch ObjectError.unknown {
            return true
        }
        guard page.add(line, view.attributes(of: entry), lifetime: view.lifetime(of: entry)) else {
            view.forget(entry.number, 1)
            return false
        }
        return true
    }
}

/// Lines of a listing as the kernel reads them.
struct ListingPage {
    private(set) var bytes: [UInt8] = []
    private let byteCountMax: Int

    init(byteCount: Int) {
        byteCountMax = byteCount
        bytes.reserveCapacity(byteCount)
    }

    /// A name with its number and type; false if it does not fit.
    mutating func add(_ line: Directory.Line, _ attributes: EntryAttributes) -> Bool {
        var status = stat(attributes)
        return line.entry.name.withCString { name in
            append { fuse_add_direntry(nil, $0, $1, name, &status, off_t(Int64(bitPattern: line.cursor))) }
        }
    }

    /// The same with what a lookup would have told; nil: not a lookup.
    mutating func add(_ line: Directory.Line, _ attributes: EntryAttributes, lifetime: Lifetime?) -> Bool {
        var entry = fuse_entry_param(attributes, lifetime ?? .told)
        if lifetime == nil { entry.ino = 0 }
        return line.entry.name.withCString { name in
            append { fuse_add_direntry_plus(nil, $0, $1, name, &entry, off_t(Int64(bitPattern: line.cursor))) }
        }
    }

    /// `write` gets a place and its size, and tells the size it needs.
    private mutating func append(_ write: (UnsafeMutablePointer<CChar>?, Int) -> Int) -> Bool {
        let needed = write(nil, 0)
        guard needed <= byteCountMax - bytes.count else { return false }
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: needed))
        bytes.withUnsafeMutableBytes { buffer in
            let place = UnsafeMutableRawBufferPointer(rebasing: buffer[start...])
            _ = write(place.assumingMemoryBound(to: CChar.self).baseAddress, needed)
        }
        return true
    }
}
