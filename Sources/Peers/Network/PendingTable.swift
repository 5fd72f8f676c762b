/// The connections nobody has proven themselves on yet, oldest first. Full, the oldest has to go: a crowd that connects
/// and says nothing then shortens the time of strangers, and does not lock members out.
struct PendingTable {
    static let countMax = 64
    static let countPerAddressMax = 48

    private var entries: [(number: Int, address: String)] = []
    private var nextNumber = 0

    /// Takes a connection in; gives its number and who has to go for it.
    mutating func admit(address: String) -> (number: Int, evicted: Int?) {
        var evicted: Int?
        if entries.count(where: { $0.address == address }) >= Self.countPerAddressMax {
            evicted = entries.first { $0.address == address }?.number
        } else if entries.count >= Self.countMax {
            evicted = entries.first?.number
        }
        if let evicted { remove(evicted) }
        defer { nextNumber += 1 }
        entries.append((nextNumber, address))
        return (nextNumber, evicted)
    }

    /// It is authenticated or gone.
    mutating func remove(_ number: Int) { entries.removeAll { $0.number == number } }

    var count: Int { entries.count }
}
