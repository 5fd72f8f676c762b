/// One way in which IoM shows its tree.
struct MountMode: Sendable {
    let contender: Contender
    /// As after `-o`.
    let words: [String]

    static let all = [
        MountMode(contender: .iom, words: []),
        MountMode(contender: .iomSplice, words: ["passthrough=off"]),
        MountMode(contender: .iomNoOpen, words: ["no_open"]),
    ]
}

extension Contender {
    /// Mounted so that the kernel does not read the store's files itself.
    static let iomSplice: Self = "iom-splice"
    /// Mounted so that the kernel opens files without asking.
    static let iomNoOpen: Self = "iom-no-open"
}
