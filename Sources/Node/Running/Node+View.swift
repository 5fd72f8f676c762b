import Glibc
import Objects
import Views

extension Node {
    /// The tree as this instance shows it.
    func view(show: [String] = [], isOwnerOnly: Bool = false) -> View {
        View(
            of: catalog,
            objects: reader,
            status: NodeStatus(node: self),
            options: ViewOptions(
                show: Set(show.compactMap(ViewOptions.Shown.init(rawValue:))),
                noFetch: configuration.mount.noFetch ?? [],
                userID: geteuid(),
                groupID: getegid(),
                isOwnerOnly: isOwnerOnly
            )
        )
    }
}
