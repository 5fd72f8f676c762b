package import Objects

/// What an export wrote, and what it could not.
package struct ExportReport: Hashable, Sendable, Codable {
    /// The directory of the instance.
    package var path: String
    package var objectCount = 0
    package var byteCount = 0
    /// Of the objects, those that share their blocks with the store.
    package var clonedCount = 0
    package var headCount = 0
    /// Objects that were listed and then could not be had: their bytes were wrong, or they were evicted meanwhile.
    package var lost: [ObjectHash] = []
    /// Things whose current version is not on this device.
    package var missingHeads: [IDHash] = []
    /// Objects this device knows and does not have.
    package var absentCount = 0

    package init(path: String) { self.path = path }

    package var isComplete: Bool { lost.isEmpty && missingHeads.isEmpty && absentCount == 0 }

    /// In words, for people.
    package var lines: [String] {
        var lines = [
            "\(path): \(objectCount) objects (\(byteCount) bytes), \(headCount) heads"
                + (clonedCount > 0 ? ", \(clonedCount) objects sharing their blocks with the store" : "")
        ]
        lines += lost.map { "left out, because its bytes were wrong or went meanwhile: \($0); `iom fsck` tells which" }
        lines += missingHeads.map { "left out, because its version is not on this device: \($0); export on an archive" }
        if absentCount > 0 {
            lines.append("left out, because they are not on this device: \(absentCount) objects; export on an archive")
        }
        return lines
    }
}
