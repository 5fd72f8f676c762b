package import Objects

/// What `stat(2)` shows of an entry, without the machine's own structure.
package struct EntryAttributes: Hashable, Sendable {
    package enum FileType: Hashable, Sendable {
        case directory, regular, symbolicLink
    }

    package var number: EntryNumber
    package var type: FileType
    /// Permission bits; never a bit for writing.
    package var permissions: UInt16
    package var linkCount: Int
    package var userID: UInt32
    package var groupID: UInt32
    package var byteCount: Int
    /// 512-byte units of what is on this disk.
    package var blockCount: Int
    package var modified: Timestamp
}

extension View {
    package func attributes(of entry: Entry) -> EntryAttributes {
        let type: EntryAttributes.FileType =
            switch entry.kind {
            case .directory: .directory
            case .object, .document: .regular
            case .link: .symbolicLink
            }
        let permissions: UInt16 =
            switch type {
            case .directory: options.isOwnerOnly ? 0o500 : 0o555
            case .regular: options.isOwnerOnly ? 0o400 : 0o444
            case .symbolicLink: 0o777
            }
        var byteCount = max(0, entry.byteCount)
        if case .link(let target) = entry.kind { byteCount = target.utf8.count }
        return EntryAttributes(
            // A directory whose subdirectories are not counted has one link, as on btrfs.
            number: entry.number,
            type: type,
            permissions: permissions,
            linkCount: 1,
            userID: options.userID,
            groupID: options.groupID,
            byteCount: byteCount,
            blockCount: type == .regular ? Self.blockCount(of: entry, localByteCount: localByteCount(of: entry)) : 0,
            modified: entry.modified
        )
    }

    /// At least 1 where bytes are absent: `tar -S` takes 0 for a hole and would store zeros.
    private static func blockCount(of entry: Entry, localByteCount: Int) -> Int {
        let local = max(0, min(localByteCount, entry.byteCount))
        let blocks = local / 512 + (local % 512 == 0 ? 0 : 1)
        return local < entry.byteCount ? max(1, blocks) : blocks
    }

    /// What of a file is on this disk, parts included.
    func localByteCount(of entry: Entry) -> Int {
        guard case .object(let hash) = entry.kind, entry.localByteCount < entry.byteCount else {
            return entry.localByteCount
        }
        return max(entry.localByteCount, objects.partialByteCount(of: hash))
    }
}
