import Objects

/// An object that simulated devices have and drop.
struct Thing: Hashable {
    let bytes: [UInt8]
    let hash: ObjectHash

    static func == (left: Self, right: Self) -> Bool { left.hash == right.hash }

    func hash(into hasher: inout Hasher) { hasher.combine(hash) }

    var name: String { String(hash.hex.prefix(8)) }

    /// What it takes of a quota.
    var chargedByteCount: Int { Allocation.byteCount(of: bytes.count) }

    static let all: [Self] = (1...4).map { number in
        // Some take a block, some take two.
        let bytes = [UInt8](repeating: UInt8(number), count: 10 + number % 2 * Allocation.blockByteCount)
        return Self(bytes: bytes, hash: ObjectHash(of: bytes))
    }
    static let byHash = Dictionary(uniqueKeysWithValues: all.map { ($0.hash, $0) })
}

/// Numbers that repeat themselves from a seed (SplitMix64).
struct Lot: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x2545_F491_4F6C_DD1D }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    mutating func number(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    /// True once in so many times.
    mutating func isOne(in bound: Int) -> Bool { number(bound) == 0 }
}
