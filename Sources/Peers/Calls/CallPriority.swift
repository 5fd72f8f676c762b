/// How urgent a call is: whoever answers writes answers to readers before those to work in the background.
///
/// On the wire it is a member of the request that only background calls have; a side that does not know it answers in
/// the order of asking.
package enum CallPriority: String, Hashable, Sendable, Codable {
    /// Somebody waits for the answer.
    case reader
    /// Nobody waits: copies for later, feeds.
    case background
}
