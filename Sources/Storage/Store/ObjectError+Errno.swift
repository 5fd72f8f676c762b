package import Objects
package import SystemPackage

extension Errno {
    /// open(2) without following or blocking met a symbolic link, a socket or a device without driver.
    var meansNoRegularFile: Bool {
        [.tooManySymbolicLinkLevels, .noSuchAddressOrDevice, .operationNotSupportedByDevice].contains(self)
    }
}

extension ObjectError {
    /// What an error of the operating system means to whoever stores or reads; a quota or file size limit is a full disk.
    package init(_ error: Errno, _ action: String) {
        switch error {
        case .noSpace, .diskQuotaExceeded, .fileTooLarge: self = .noSpace
        default: self = .system(error, action)
        }
    }

    /// Runs disk operations and says of an error what was being done.
    static func from<Result: ~Copyable>(
        _ action: @autoclosure () -> String, _ body: () throws(Errno) -> Result
    ) throws(ObjectError) -> Result {
        do throws(Errno) { return try body() } catch { throw ObjectError(error, action()) }
    }
}
