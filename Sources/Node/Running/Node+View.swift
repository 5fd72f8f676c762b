import Glibc
import Objects
import Views

extension Node {
    /// The tree as this instance shows it; to people, if what is used there is to be noted.
    func view(
        show: [String] = [],
        isOwnerOnly: Bool = false,
        notingUses: Bool = false,
        counters: ReadCounters = ReadCounters()
    ) -> View {
        let gate: any FetchGate = notingUses ? gatekeeper : OpenGate()
        return View(
            of: catalog,
            objects: reader,
            status: NodeStatus(node: self),
            uses: notingUses ? useWatch.log : nil,
            counters: counters,
            options: ViewOptions(
                show: Set(show.compactMap(ViewOptions.Shown.init(rawValue:))),
                gate: gate,
                userID: geteuid(),
                groupID: getegid(),
                isOwnerOnly: isOwnerOnly
            )
        )
    }
}
