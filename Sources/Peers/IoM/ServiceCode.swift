/// Error codes of the services of group `iom`.
package enum ServiceCode {
    package static let unknownService = "UNKNOWN-SERVICE"
    package static let badArguments = "IOM-ARGUMENTS"
    package static let missing = "IOM-MISSING"
    package static let refused = "IOM-REFUSED"
    package static let failed = "IOM-FAILED"
}
