import Catalog
package import Objects
import Synchronization
package import Views

/// Who may cause a fetch here: nobody whom the owner shut out, and of the others nobody without measure.
///
/// A person in front of a terminal reads what they like, and so do the programs named in `mount.fetch_freely`. What else
/// reads has a budget a minute, so that a program that looks through everything does not bring everything here.
package final class Gatekeeper: FetchGate {
    /// Refusals that are remembered for `user.iom.error`.
    private static let refusalCountMax = 4_096

    private let rules: FetchRules
    private let allowances: Allowances
    private let origins: OriginBook
    private let events: EventLog
    private let time: any Timekeeper
    package let runs: LocalOnlyRuns
    private let state: Mutex<State>

    private struct State {
        var budget: FetchBudget
        var refusals: [ObjectHash: String] = [:]
    }

    package init(
        rules: FetchRules,
        allowances: Allowances,
        runs: LocalOnlyRuns,
        origins: OriginBook,
        events: EventLog,
        time: any Timekeeper
    ) {
        (self.rules, self.allowances, self.runs) = (rules, allowances, runs)
        (self.origins, self.events, self.time) = (origins, events, time)
        state = Mutex(State(budget: FetchBudget(rules.limits)))
    }

    package func admit(_ caller: Caller, to wish: FetchWish) throws(ObjectError) -> String? {
        let program = caller.program()
        if let program, let words = refusal(of: program, wish) {
            state.withLock { state in
                if state.refusals.count >= Self.refusalCountMax { state.refusals.removeAll() }
                state.refusals[wish.key] = words
            }
            throw .fetchNotAllowed
        }
        state.withLock { state in
            if !state.refusals.isEmpty { state.refusals[wish.key] = nil }
        }
        origins.note(wish.key, .reader, by: program?.name)
        return program?.name
    }

    /// Why a program was not let through to this object last; nil if it was.
    package func errorText(of hash: ObjectHash) -> String? { state.withLock { $0.refusals[hash] } }

    private func refusal(of program: CallingProgram, _ wish: FetchWish) -> String? {
        if program.isMarkedLocalOnly || runs.covers(program.processID) {
            return "\(program.name) runs under `iom run --local-only`, and this is not on this device"
        }
        let allowed = allowances.current(at: time.now).map(\.program)
        if program.isOne(of: allowed) { return nil }
        if program.isOne(of: rules.noFetch) {
            return "\(program.name) must not cause a fetch (`mount.no_fetch`): `iom allow '\(program.name)'` lets it"
        }
        if program.hasTerminal || program.isOne(of: rules.freely) { return nil }
        let isWhole = wish.byteCount <= LargeFetcher.wholeByteCountMax
        let verdict = state.withLock { state in
            let byteCount = isWhole ? wish.byteCount : wish.range.count
            return state.budget.take(byteCount, of: wish.key, isWhole: isWhole, by: program.name, at: time.elapsed)
        }
        guard case .refused(let isFirst) = verdict else { return nil }
        let words =
            "\(program.name) has used up what it may fetch in a minute (\(rules.limits.words)): "
            + "`iom allow '\(program.name)' --for 1h` lets it go on"
        if isFirst { events.record(.budgetRefused, source: program.name, details: words, failed: true) }
        return words
    }
}

/// What `iom.toml` says of programs that fetch.
package struct FetchRules: Hashable, Sendable {
    /// Names of programs that must not cause a fetch.
    package var noFetch: [String]
    /// Names of programs that have no budget.
    package var freely: [String]
    package var limits: FetchBudget.Limits

    package init(noFetch: [String], freely: [String], limits: FetchBudget.Limits) {
        (self.noFetch, self.freely, self.limits) = (noFetch, freely, limits)
    }
}

extension FetchBudget.Limits {
    var words: String {
        let words = [fileCount.map { "\($0) files" }, byteCount.map { "\(ByteCount($0))" }].compactMap(\.self)
        return words.isEmpty ? "unlimited" : words.joined(separator: ", ")
    }
}

extension Configuration {
    /// Programs by which people look at and copy things, also where no terminal is, as in scripts and backups.
    package static let fetchFreely = [
        "cat", "cmp", "cp", "dd", "diff", "grep", "head", "less", "md5sum", "mv", "rsync", "scp", "sha256sum", "tail",
        "tar",
        "wc", "zip",
    ]
    /// A hundred a second: no person, and no copying of a person, opens so many files from a program that has no terminal.
    package static let fetchFilesPerMinute = 6_000
    /// More than an Ethernet of 1 Gbit/s carries in a minute.
    package static let fetchBytesPerMinute = "10GB"

    package var fetchRules: FetchRules {
        let bytes = ByteCount(words: mount.fetchBytesPerMinute ?? Self.fetchBytesPerMinute)
        let files = mount.fetchFilesPerMinute ?? Self.fetchFilesPerMinute
        return FetchRules(
            noFetch: mount.noFetch ?? [],
            freely: mount.fetchFreely ?? Self.fetchFreely,
            limits: .init(fileCount: files > 0 ? files : nil, byteCount: bytes?.value)
        )
    }
}
