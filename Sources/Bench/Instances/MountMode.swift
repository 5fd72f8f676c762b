/// One way in which IoM shows its tree.
struct MountMode: Sendable {
    let contender: Contender
    /// As after `-o`.
    let words: [String]

    static let all = [
        MountMode(contender: .iom, words: []),
        MountMode(contender: .iomSplice, words: ["passthrough=off"]),
    ]
}

extension Contender {
    /// Mounted so that the kernel does not read the store's files itself.
    static let iomSplice: Self = "iom-splice"
}
