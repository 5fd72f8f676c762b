/// Programs that iom can do without, and does less without.
struct ProgramFacts: Sendable {
    /// Whether vipsthumbnail is installed.
    var hasPreviews: Bool
    /// Whether objects ever go here: only then are smaller renditions made.
    var dropsObjects: Bool

    var findings: [Finding] {
        if hasPreviews { return [.ok(.programs, "vipsthumbnail is there, to make smaller renditions of images")] }
        guard dropsObjects else { return [.ok(.programs, "no other program is needed: nothing ever goes here")] }
        return [
            .warning(
                .programs,
                "vipsthumbnail is not installed, so large images stay as they are when room is made",
                mend: "sudo apt-get install libvips-tools"
            )
        ]
    }
}
