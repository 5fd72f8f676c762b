import Glibc

/// Random numbers that repeat themselves from a seed (SplitMix64, Steele, Lea and Flood 2014), and what is drawn by them.
struct TraceDice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// Uniform, 0 or above and below 1.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    mutating func uniform(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + unit() * (range.upperBound - range.lowerBound)
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(unit() * Double(range.count))
    }

    mutating func happens(_ probability: Double) -> Bool { unit() < probability }

    /// Gaussian, by Box and Muller.
    mutating func normal(_ mean: Double, _ deviation: Double) -> Double {
        mean + deviation * (-2 * log(1 - unit())).squareRoot() * cos(2 * .pi * unit())
    }

    mutating func exponential(_ mean: Double) -> Double { -mean * log(1 - unit()) }

    /// Knuth's way: for small means.
    mutating func poisson(_ mean: Double) -> Int {
        let limit = exp(-min(mean, 500))
        var (count, product) = (0, unit())
        while product > limit {
            product *= unit()
            count += 1
        }
        return count
    }

    /// An index, each as likely as its weight says.
    mutating func index(_ weights: [Double]) -> Int {
        var rest = unit() * weights.reduce(0, +)
        for (index, weight) in weights.enumerated() {
            rest -= weight
            if rest < 0 { return index }
        }
        return weights.count - 1
    }
}
