extension Policy {
    /// Whether this instance knows most days by their outline only, without their messages.
    var isSparse: Bool { !keepAllObjects && essentialsOnly }

    /// Of so many days the messages are kept, where most days are known by their outline; nil: of all.
    var keptDayCount: Int? { strategy(of: .message) == .fullSync ? nil : keepRecentDays }
}
