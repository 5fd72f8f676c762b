import Objects

/// Bytes that cannot be compressed and are the same for the same seed.
struct SampleBytes {
    private let random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    func bytes(_ count: Int) -> [UInt8] { random.bytes(count) }

    func objects(_ count: Int, of byteCount: Int) -> [[UInt8]] { (0..<count).map { _ in bytes(byteCount) } }

    /// As small as people's text files: 1 to 8 KiB.
    func texts(_ count: Int) -> [[UInt8]] { (0..<count).map { _ in bytes(1_024 + Int(random.number(below: 7_169))) } }
}
