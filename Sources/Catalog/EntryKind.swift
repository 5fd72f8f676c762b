/// What an entry is, as the table says it.
enum EntryKind: Int {
    case directory = 0
    case object = 1
    case link = 2
    // Documents, rendered when they are read:
    case readme = 3
    /// `subject` is the thread.
    case about = 4
    /// `subject` is the thread.
    case day = 5
    /// `hash` is the Someone.
    case contact = 6
}
