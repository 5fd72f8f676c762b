/// Something that makes room, or that goes because it is old (design 9); in the order in which it is done.
package enum PressureStep: Hashable, Sendable {
    /// What was in former versions of things, and their histories too.
    case former(withHistory: Bool)
    /// What was not used for so long.
    case unused(Duration)
    /// Parts of objects of which nobody reads on.
    case parts
    /// Images, longest unused first, after a smaller rendition was made.
    case images
    /// Whatever is least worth keeping (`Replacement`).
    case leastWorth

    /// Old and older, in days.
    private static let oldDays = 60
    private static let recentDays = 30

    /// What is done at a level, until below its low mark.
    package static func steps(at level: PressureLevel, keepsVersions: Bool) -> [PressureStep] {
        var steps: [PressureStep] = []
        if level >= .warning {
            // Where old versions are to stay, only what is critical makes them go.
            if !keepsVersions || level >= .critical { steps.append(.former(withHistory: level >= .critical)) }
            steps.append(.unused(.days(level >= .critical ? recentDays : oldDays)))
        }
        if level >= .critical { steps += [.parts, .images] }
        if level == .full { steps.append(.leastWorth) }
        return steps
    }

    /// What goes although there is room.
    package static func retention(keepsVersions: Bool, ageMax: Duration?) -> [PressureStep] {
        (keepsVersions ? [] : [.former(withHistory: true)]) + (ageMax.map { [.unused($0)] } ?? [])
    }

    /// For people: why something goes.
    var words: String {
        switch self {
        case .former(withHistory: false): "old versions"
        case .former(withHistory: true): "version history"
        case .unused(let age): "not used for \(age.components.seconds / 86_400) days"
        case .parts: "parts of what is not whole"
        case .images: "images of which there is a smaller rendition"
        case .leastWorth: "used least"
        }
    }
}

extension Duration {
    static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }
}
