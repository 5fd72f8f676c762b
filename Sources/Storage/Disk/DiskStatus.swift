package import Objects

/// What lies at a path or behind a handle (fstat(2)).
package struct DiskStatus: Hashable, Sendable {
    /// Only regular files are ever read; everything else is told apart so that it can be reported.
    package enum Kind: String, Sendable, Codable {
        case file, directory, link, other
    }

    package var kind: Kind
    /// Number of the file, byte count and times.
    package var stamp: FileStamp
    /// Lower twelve bits of the mode.
    package var permissions: UInt32
    package var ownerID: UInt32
    /// What it takes on the disk, holes left out.
    package var allocatedByteCount: Int
    /// When it was read last, as coarsely as the file system notes that.
    package var accessed: Timestamp

    package init(
        kind: Kind,
        stamp: FileStamp,
        permissions: UInt32,
        ownerID: UInt32,
        allocatedByteCount: Int,
        accessed: Timestamp
    ) {
        (self.kind, self.stamp, self.permissions, self.ownerID) = (kind, stamp, permissions, ownerID)
        (self.allocatedByteCount, self.accessed) = (allocatedByteCount, accessed)
    }

    package var byteCount: Int { stamp.byteCount }
}

/// One name in a directory.
package struct DiskEntry: Hashable, Sendable {
    /// As it is on disk: any bytes but `/` and NUL.
    package var name: [UInt8]
    package var kind: DiskStatus.Kind

    package init(name: [UInt8], kind: DiskStatus.Kind) { (self.name, self.kind) = (name, kind) }

    /// For people.
    package var text: String { String(decoding: name, as: UTF8.self) }
}

/// Room on the file system (fstatvfs(3)).
package struct DiskSpace: Hashable, Sendable {
    /// What a user without privileges may still write.
    package var freeByteCount: Int
    package var totalByteCount: Int

    package init(freeByteCount: Int, totalByteCount: Int) {
        (self.freeByteCount, self.totalByteCount) = (freeByteCount, totalByteCount)
    }
}
