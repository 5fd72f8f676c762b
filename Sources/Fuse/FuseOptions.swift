package import SystemPackage

/// How a view is mounted.
package struct FuseOptions: Sendable {
    /// Whether other users may look in; the kernel then checks modes (`default_permissions`).
    package var allowOther: Bool
    /// Whether the kernel itself refuses writing.
    ///
    /// Pins cannot be set through `user.iom.pinned` then.
    package var isReadOnly: Bool
    package var passthrough: Passthrough
    /// Whether the kernel opens files without asking: quicker for many small ones, but then none is passed through, and
    /// what is open is not known here.
    package var isOpenUnasked: Bool
    /// Any file of the file system that the objects are on, to try passthrough with; nil: it is not tried before the
    /// first file is opened.
    package var sample: FilePath?
    /// Where requests are counted.
    package var counters: FuseCounters

    package init(
        allowOther: Bool = false,
        isReadOnly: Bool = false,
        passthrough: Passthrough = .auto,
        isOpenUnasked: Bool = false,
        sample: FilePath? = nil,
        counters: FuseCounters = FuseCounters()
    ) {
        (self.allowOther, self.isReadOnly) = (allowOther, isReadOnly)
        (self.passthrough, self.isOpenUnasked, self.sample) = (passthrough, isOpenUnasked, sample)
        self.counters = counters
    }

    /// For `-o` (mount.fuse3(8)).
    var text: String {
        var options = ["fsname=iom", "subtype=iom", "nosuid", "nodev", "noexec"]
        if allowOther { options += ["allow_other", "default_permissions"] }
        if isReadOnly { options.append("ro") }
        return options.joined(separator: ",")
    }
}
