import Testing

/// Waits until something can be observed, looking again and again.
///
/// For what happens in other processes, which send no event. Gives the time it took; records an issue if it does not come.
@discardableResult
func eventually(
    _ what: String,
    within limit: Duration = .seconds(10),
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws -> Duration {
    let begin = ContinuousClock.now
    repeat {
        if try await condition() { return ContinuousClock.now - begin }
        try await Task.sleep(for: .milliseconds(10))
    } while ContinuousClock.now - begin < limit
    Issue.record("not within \(limit): \(what)", sourceLocation: sourceLocation)
    throw Program.Failure(description: "not within \(limit): \(what)")
}
