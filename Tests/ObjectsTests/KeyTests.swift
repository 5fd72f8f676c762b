import Objects
import Testing

@Suite struct KeyTests {
    let random = SeededRandom(seed: 1)

    @Test func whatIsSealedIsOpenedByTheOtherOnly() throws {
        let (alice, bob, eve) = (BoxKeyPair(random: random), BoxKeyPair(random: random), BoxKeyPair(random: random))
        let sealing = try #require(SharedKey(publicKey: bob.publicKey, own: alice))
        let opening = try #require(SharedKey(publicKey: alice.publicKey, own: bob))
        let foreign = try #require(SharedKey(publicKey: alice.publicKey, own: eve))
        for byteCount in [0, 1, 31, 32, 33, 65_536] {
            let message = random.bytes(byteCount)
            let sealed = sealing.seal(message, random: random)
            #expect(opening.open(sealed) == message)
            #expect(foreign.open(sealed) == nil)
            #expect(opening.open(Array(sealed.dropLast())) == nil)
            var forged = sealed
            forged[Int(random.number(below: UInt64(forged.count)))] ^= 1
            #expect(opening.open(forged) == nil)
        }
    }

    @Test func textTooShortToBeSealedIsRefused() throws {
        let box = try #require(SecretBox(key: random.bytes(32)))
        for byteCount in 0..<40 { #expect(box.open(random.bytes(byteCount)) == nil) }
        for byteCount in 0..<16 { #expect(box.open(random.bytes(byteCount), nonce: random.bytes(24)) == nil) }
        #expect(box.open(random.bytes(40), nonce: random.bytes(23)) == nil)
    }

    @Test func keysOfWrongLengthAreRefused() {
        for byteCount in [0, 31, 33, 63, 65] {
            #expect(BoxKeyPair(secret: random.bytes(byteCount)) == nil)
            #expect(SignKeyPair(secret: random.bytes(byteCount)) == nil)
            #expect(SignKeyPair(seed: random.bytes(byteCount)) == nil)
            #expect(SecretBox(key: random.bytes(byteCount)) == nil)
            #expect(SharedKey(publicKey: random.bytes(byteCount), own: BoxKeyPair(random: random)) == nil)
        }
    }

    /// With such a key everybody would share the same secret with everybody.
    @Test func pointsOfLowOrderAreRefused() {
        let own = BoxKeyPair(random: random)
        #expect(SharedKey(publicKey: [UInt8](repeating: 0, count: 32), own: own) == nil)
        #expect(SharedKey(publicKey: [1] + [UInt8](repeating: 0, count: 31), own: own) == nil)
    }

    @Test func aSecretSignKeyWithAnotherPublicKeyIsRefused() {
        let pair = SignKeyPair(random: random)
        let other = SignKeyPair(random: random)
        #expect(SignKeyPair(secret: pair.secret) == pair)
        #expect(SignKeyPair(secret: Array(pair.secret.prefix(32)) + other.publicKey) == nil)
    }

    @Test func secretsAreNeverPrinted() throws {
        let seed = [UInt8](repeating: 171, count: 32)
        let box = try #require(BoxKeyPair(secret: seed))
        let sign = try #require(SignKeyPair(seed: seed))
        let shared = try #require(SharedKey(bytes: seed))
        for secret in [box, sign, shared, try #require(SecretBox(key: seed)), SecretBytes(seed)] as [Any] {
            var dumped = ""
            dump(secret, to: &dumped)
            for text in ["\(secret)", String(reflecting: secret), dumped] {
                #expect(!text.contains("171, 171") && !text.contains("- 171"))
            }
        }
    }
}
