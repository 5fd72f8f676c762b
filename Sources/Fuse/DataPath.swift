/// How the bytes of local files get to who reads them.
package enum DataPath: Hashable, Sendable, CustomStringConvertible {
    /// The kernel reads the store's file itself; a read does not come here at all.
    case passthrough
    /// The kernel moves the bytes of each read from the store's file by a pipe.
    case splice(Reason)

    /// Why not passthrough.
    package enum Reason: String, Sendable {
        case askedFor = "asked for"
        case openUnasked = "no_open"
        case unknownToKernel = "the kernel has none"
        case notPermitted = "not permitted (needs CAP_SYS_ADMIN)"
        case stacked = "the file system of the store does not allow it"
    }

    package var description: String {
        switch self {
        case .passthrough: "passthrough"
        case .splice(let reason): "splice: \(reason.rawValue)"
        }
    }
}

/// What is asked for of the kernel's reading of local files.
package enum Passthrough: String, CaseIterable, Codable, Sendable {
    /// Where it can be.
    case auto
    /// Or no mount.
    case on
    case off
}
