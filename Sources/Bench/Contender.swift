/// One of those that do a row's work, by its name.
///
/// What a name means is the same in every row.
struct Contender: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    let name: String

    init(stringLiteral name: String) { self.name = name }

    /// IoM as it is without options.
    static let iom: Self = "iom"
    /// The same files on the file system below.
    static let ext4: Self = "ext4"

    var description: String { name }
}
