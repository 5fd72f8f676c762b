/// The connections of a relay, within its limits: how many there are, and which of them wait for a dial; no I/O.
struct RelayTable: Sendable {
    private struct Spare {
        var number: Int
        var key: [UInt8]
        var address: String
    }

    private let limits: RelayLimits
    private var counts: [String: Int] = [:]
    private var count = 0
    /// Oldest first.
    private var spares: [Spare] = []

    init(limits: RelayLimits) { self.limits = limits }

    /// A connection comes; to be followed by `disconnect` if this does not throw.
    mutating func connect(_ address: String) throws(PeerError) {
        guard count < limits.connections else { throw .refused("this relay is full") }
        guard counts[address, default: 0] < limits.connectionsPerAddress else {
            throw .refused("too many connections from this address")
        }
        count += 1
        counts[address, default: 0] += 1
    }

    mutating func disconnect(_ address: String) {
        count -= 1
        let left = counts[address, default: 0] - 1
        counts[address] = left > 0 ? left : nil
    }

    /// A listener waits; gives the one that has to go for it, which is likely to be dead.
    mutating func add(_ number: Int, key: [UInt8], address: String) throws(PeerError) -> Int? {
        let oldest = spares.count { $0.key == key } >= limits.sparesPerKey ? spares.first { $0.key == key } : nil
        guard oldest != nil || spares.count(where: { $0.address == address }) < limits.sparesPerAddress else {
            throw .refused("too many listening connections from this address")
        }
        if let oldest { remove(oldest.number) }
        spares.append(Spare(number: number, key: key, address: address))
        return oldest?.number
    }

    /// Takes the newest listener for this key, of which it is most certain that it lives.
    mutating func take(_ key: [UInt8]) -> Int? {
        guard let index = spares.lastIndex(where: { $0.key == key }) else { return nil }
        return spares.remove(at: index).number
    }

    mutating func remove(_ number: Int) { spares.removeAll { $0.number == number } }

    var connectionCount: Int { count }
    var spareCount: Int { spares.count }
}
