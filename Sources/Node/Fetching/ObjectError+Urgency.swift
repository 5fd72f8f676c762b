import Objects

extension ObjectError {
    /// Of several reasons the one a reader should hear: the most telling has the highest.
    var urgency: Int {
        switch self {
        case .noSpace, .system: 5
        case .timedOut: 4
        case .damaged: 3
        case .refused: 2
        case .unreachable: 1
        case .unknown, .fetchNotAllowed, .cancelled: 0
        }
    }
}
