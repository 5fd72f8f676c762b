/// One thing that is measured on an instance, and on others beside it.
struct Row: Sendable {
    let name: String
    /// What every contender does, in words.
    let what: String
    let unit: Unit
    var goal: Goal?
    /// Made before it is prepared, unless it is there already.
    var needs: [Need] = []
    /// More rounds than these would take too long.
    var roundsMax = Int.max
    /// Makes what all rounds need.
    let prepare: @Sendable (Site) async throws -> any Trial

    /// In the order in which they are run: what the later ones need, the earlier ones do not disturb.
    static let all: [Row] =
        putting + getting + listing + reading + [monitoring] + working + fetching + wire + meeting + playing + waiting
        + idling
        + scaling

    static var allNames: String { all.map(\.name).joined(separator: ", ") }
}

/// A row that is ready to run.
protocol Trial {
    /// Who takes part here; IoM first.
    var contenders: [Contender] { get }

    /// Why somebody does not take part, or what else a reader of the figures should know.
    var notes: [String] { get }

    /// One round of one contender: a figure in the row's unit; nil if it sits this round out.
    func measure(_ contender: Contender, _ round: Int) async throws -> Double?

    /// Ends and removes what no other row needs.
    func end() async
}

extension Trial {
    var contenders: [Contender] { [.iom, .ext4] }
    var notes: [String] { [] }
    func end() async {}
}
