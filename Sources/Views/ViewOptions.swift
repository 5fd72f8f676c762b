/// What a view is asked to show, and to whom.
package struct ViewOptions: Sendable {
    /// Machine directories that may be listed at the top as well (`mount.show`).
    package enum Shown: String, CaseIterable, Sendable {
        case objects, types, status
    }

    package var show: Set<Shown>
    /// Names of programs that must not cause a fetch (`mount.no_fetch`).
    package var noFetch: [String]
    /// The user everything belongs to: the one who mounts.
    package var userID: UInt32
    package var groupID: UInt32
    /// Whether modes are 0400 and 0500 instead of 0444 and 0555.
    package var isOwnerOnly: Bool

    package init(
        show: Set<Shown> = [],
        noFetch: [String] = [],
        userID: UInt32,
        groupID: UInt32,
        isOwnerOnly: Bool = false
    ) {
        (self.show, self.noFetch) = (show, noFetch)
        (self.userID, self.groupID, self.isOwnerOnly) = (userID, groupID, isOwnerOnly)
    }
}

/// Who asks for bytes.
package struct Caller: Sendable {
    /// Name of the calling program as the kernel keeps it, at most 15 bytes (proc_pid_comm(5)); nil if it cannot be
    /// told.
    ///
    /// Asked only where it matters, because it costs.
    package var programName: @Sendable () -> String?

    package init(programName: @escaping @Sendable () -> String?) { self.programName = programName }

    /// The kernel cuts names of programs at this length.
    package static let programNameByteCountMax = 15

    /// Whether a program of this name is one of these; nil is none.
    static func isOne(_ program: String?, of names: [String]) -> Bool {
        guard let program else { return false }
        return names.contains { $0.utf8.prefix(programNameByteCountMax).elementsEqual(program.utf8) }
    }
}
