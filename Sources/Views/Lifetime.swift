package import Objects

/// How long what was told of an entry may be remembered by the one it was told.
package struct Lifetime: Hashable, Sendable {
    /// That the name stands for this number.
    package var name: Duration
    /// Size, times and blocks.
    package var attributes: Duration
    /// Whether bytes or a listing may be kept until told otherwise.
    package var isContentLasting: Bool

    /// As good as forever: whoever remembers is told of every change.
    package static let told = Lifetime(name: .seconds(3_600), attributes: .seconds(3_600), isContentLasting: true)
    /// Nobody tells when an object below `.iom` becomes local or is dropped, or is new in a listing.
    static let object = Lifetime(name: .seconds(3_600), attributes: .seconds(1), isContentLasting: true)
    static let machineDirectory = Lifetime(name: .seconds(3_600), attributes: .seconds(1), isContentLasting: false)
    /// Other at every look.
    static let status = Lifetime(name: .seconds(3_600), attributes: .zero, isContentLasting: false)
}

extension View {
    /// How long it may be remembered that a directory has nothing of a name, as file managers and version control ask
    /// again and again.
    ///
    /// Zero below `.iom`: somebody may have what is not known here, and nobody tells when it comes.
    package func lifetimeOfAbsence(in directory: EntryNumber) -> Duration {
        directory & MachineNode.flag == 0 && directory != FixedEntry.machine ? .seconds(60) : .zero
    }

    package func lifetime(of entry: Entry) -> Lifetime {
        if entry.number == FixedEntry.machine { return .machineDirectory }
        guard entry.number & MachineNode.flag != 0 else { return .told }
        return switch entry.kind {
        case .directory: .machineDirectory
        case .object: .object
        case .document: .status
        case .link: .told
        }
    }
}
