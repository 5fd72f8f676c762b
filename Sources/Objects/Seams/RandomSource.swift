import CSodium
import Synchronization

/// Random bytes, as a parameter.
package protocol RandomSource: Sendable {
    func bytes(_ count: Int) -> [UInt8]
}

extension RandomSource {
    /// A uniform number below `bound`, which is above zero.
    package func number(below bound: UInt64) -> UInt64 {
        // 128 bits modulo a 64-bit bound: the bias is below 2^-64.
        let wide = bytes(16).reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        return UInt64(wide % UInt128(bound))
    }
}

/// The operating system's generator, through libsodium (randombytes_buf(3)): for keys, tokens and nonces.
package struct SystemRandom: RandomSource {
    package init() {}

    package func bytes(_ count: Int) -> [UInt8] {
        Sodium.prepare()
        var bytes = [UInt8](repeating: 0, count: count)
        randombytes_buf(&bytes, count)
        return bytes
    }
}

/// A generator that repeats itself from a seed (SplitMix64, Steele, Lea and Flood 2014): for tests and simulation only.
package final class SeededRandom: RandomSource {
    private let state: Mutex<UInt64>

    package init(seed: UInt64) { state = Mutex(seed) }

    package func bytes(_ count: Int) -> [UInt8] {
        state.withLock { state in
            (0..<count).map { _ in
                state &+= 0x9E37_79B9_7F4A_7C15
                var word = state
                word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
                word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
                return UInt8(truncatingIfNeeded: word ^ (word >> 31))
            }
        }
    }
}
