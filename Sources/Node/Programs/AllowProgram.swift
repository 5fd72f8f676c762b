import Objects

/// Lets a program fetch without a budget, no longer so, or lists those that may.
package struct AllowProgram: NodeCommand {
    package static let name = "allow"

    /// nil: only list.
    package var program: String?
    /// In milliseconds; nil: until it is revoked.
    package var duration: Int64?
    package var isAllowed: Bool

    /// `words` is a duration such as `1h`.
    package init(program: String?, words: String?, isAllowed: Bool) throws {
        (self.program, self.isAllowed) = (program, isAllowed)
        guard let words else { return }
        guard let duration = Duration(words: words) else {
            throw CommandError("`\(words)` is no duration such as 30m, 1h or 7d")
        }
        self.duration = duration.components.seconds * 1_000 + duration.components.attoseconds / 1_000_000_000_000_000
    }

    package typealias Item = Allowance

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        let now = node.time.now
        if let program {
            guard Self.isName(program) else { throw CommandError("`\(program)` is no name of a program") }
            if isAllowed {
                let until = duration.map { now.nanoseconds.addingReportingOverflow($0 &* 1_000_000) }
                let end = until.map { Timestamp(nanoseconds: $0.overflow ? .max : $0.partialValue) }
                try node.allowances.add(Allowance(program: program, until: end), at: now)
            } else if try !node.allowances.remove(program, at: now) {
                throw CommandError("`\(program)` is not allowed: `iom allow` lists those that are")
            }
        }
        for allowance in node.allowances.current(at: now) where program == nil || allowance.program == program {
            try await emit(allowance)
        }
    }

    /// What can be a line of a file, and is no path.
    private static func isName(_ name: String) -> Bool {
        (1...255).contains(name.utf8.count) && !name.unicodeScalars.contains { $0.value < 0x20 || $0 == "/" }
    }
}

extension Allowance {
    /// For people.
    package var words: String {
        guard let until else { return "\(program) until it is revoked" }
        let time = CivilTime(milliseconds: until.milliseconds)
        return "\(program) until \(time.dayText) \(time.clockText) UTC"
    }
}
