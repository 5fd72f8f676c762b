import Objects
import Peers

/// Where it is noted how far the changes of another instance are known here.
struct SyncProgress: Sendable {
    /// A backlog of fewer changes is taken in before anybody could look: it is told of when all is here.
    private static let backlogMin: Int64 = 1_000

    let node: Node
    let member: Member

    /// A session began; `last` is the number of the last change there is.
    func began(last: Int64?) {
        note { record in
            record.last = last
            record.isCaughtUp = false
        }
    }

    /// A change of this number has come and waits to be taken in.
    func heard(of number: Int64?) {
        guard let number else { return }
        note { $0.last = max($0.last ?? number, number) }
    }

    /// Everything up to a number is here, so many changes more than before.
    func took(upTo number: Int64, count: Int) {
        let now = node.time.now
        let (begun, caughtUp) =
            note { record -> (Int64?, Int?) in
                record.position = number
                record.changes += count
                record.taken += count
                guard number >= record.last ?? number else {
                    let backlog = (record.last ?? number) - number
                    guard !record.isTold, backlog >= Self.backlogMin else { return (nil, nil) }
                    record.isTold = true
                    return (backlog, nil)
                }
                record.lastSync = now
                defer { (record.isCaughtUp, record.isTold, record.taken) = (true, false, 0) }
                // Told of once a session and after a backlog: what comes while all is known is no news.
                return (nil, !record.isCaughtUp && record.taken > 0 || record.isTold ? record.taken : nil)
            } ?? (nil, nil)
        if let begun { node.events.record(.syncStarted, source: member.name, details: "\(begun) changes are to come") }
        if let caughtUp { node.events.record(.syncCompleted, source: member.name, details: "\(caughtUp) changes came") }
    }

    func failed(_ words: String) {
        note { record in
            record.failures += 1
            record.lastError = String(words.prefix(200))
        }
    }

    @discardableResult
    private func note<Result: Sendable>(_ body: (inout SyncRecord) -> Result) -> Result? {
        node.links.book.change(member) { body(&$0.sync) }
    }
}

/// How the changes of another instance were followed.
struct SyncRecord: Sendable {
    var position: Int64?
    var last: Int64?
    var changes = 0
    var lastSync: Timestamp?
    var failures = 0
    var lastError: String?
    /// All there was is here, in this session.
    var isCaughtUp = false
    /// It was told that much is to come.
    var isTold = false
    /// Changes since all there was was here last.
    var taken = 0
}
