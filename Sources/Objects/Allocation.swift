/// What a file of a size takes on a disk: whole blocks, as du(1) counts them.
package enum Allocation {
    /// Of nearly every file system, and of the memory of tmpfs.
    package static let blockByteCount = 4096

    /// The size rounded up to whole blocks; a size from outside may be anything.
    package static func byteCount(of size: Int) -> Int {
        let (sum, overflow) = max(0, size).addingReportingOverflow(blockByteCount - 1)
        return overflow ? .max : sum / blockByteCount * blockByteCount
    }
}
