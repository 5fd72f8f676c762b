import Objects

/// The room that a quota leaves, and what of it is promised to what is about to be stored: knows no disk and no clock.
///
/// Everything is counted in whole blocks; whoever stores something without asking is in `used`.
package struct RoomPromises: Sendable {
    /// One part of so many of the quota is left to what is noted of what is not kept.
    private static let marginPart = 50
    /// Nothing makes room for what was only read and would take more than one part of so many of the quota by itself.
    private static let refusedPart = 8

    /// Of what is being stored.
    package private(set) var promised = 0
    /// The largest that found no room since room was last made.
    package private(set) var refused = 0

    package init() {}

    /// What cannot be used for objects although it is free; `growth` is what the catalog may grow by.
    package static func reserve(of quota: Int, growth: Int) -> Int { quota / marginPart + growth }

    /// Promises room to one thing that needs so many bytes, if there is any; nil is no quota.
    ///
    /// What is `wanted` is worth making room for, however large it is.
    package mutating func promise(
        _ needed: Int,
        used: Int,
        quota: Int?,
        growth: Int = 0,
        isWanted: Bool = false
    ) -> Bool {
        if let quota, needed > 0 {
            guard needed <= quota - Self.reserve(of: quota, growth: growth) - used - promised else {
                if needed <= (isWanted ? quota : quota / Self.refusedPart) { refused = max(refused, needed) }
                return false
            }
        }
        // It may be given a quota before this is settled.
        promised += needed
        return true
    }

    /// It is stored and counted, or will not be.
    package mutating func settle(_ needed: Int) { promised -= needed }

    /// Room was made as well as it can be, also for what found none.
    package mutating func forgetRefused() { refused = 0 }

    /// What these sizes take on the disk.
    package static func needed(_ sizes: some Sequence<Int>) -> Int {
        sizes.reduce(0) { sum, size in
            let (total, overflow) = sum.addingReportingOverflow(Allocation.byteCount(of: size))
            return overflow ? .max : total
        }
    }
}
