/// What a view is asked to show, and to whom.
package struct ViewOptions: Sendable {
    /// Machine directories that may be listed at the top as well (`mount.show`).
    package enum Shown: String, CaseIterable, Sendable {
        case objects, types, status
    }

    package var show: Set<Shown>
    /// Who may cause a fetch.
    package var gate: any FetchGate
    /// The user everything belongs to: the one who mounts.
    package var userID: UInt32
    package var groupID: UInt32
    /// Whether modes are 0400 and 0500 instead of 0444 and 0555.
    package var isOwnerOnly: Bool

    package init(
        show: Set<Shown> = [],
        gate: any FetchGate = OpenGate(),
        userID: UInt32,
        groupID: UInt32,
        isOwnerOnly: Bool = false
    ) {
        (self.show, self.gate) = (show, gate)
        (self.userID, self.groupID, self.isOwnerOnly) = (userID, groupID, isOwnerOnly)
    }
}
