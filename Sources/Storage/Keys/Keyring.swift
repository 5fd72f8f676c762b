package import Objects

/// An encryption and a sign key pair: the secret side of one `Keys` object (one-format 6).
package struct Keyring: Sendable, Equatable {
    package let box: BoxKeyPair
    package let sign: SignKeyPair

    package init(box: BoxKeyPair, sign: SignKeyPair) { (self.box, self.sign) = (box, sign) }

    package init(random: any RandomSource) {
        self.init(box: BoxKeyPair(random: random), sign: SignKeyPair(random: random))
    }

    /// The `Keys` object of these keys.
    package func keysObject(owner: ObjectHash) -> OneObject {
        OneObject(
            "Keys",
            [
                ("owner", .reference(owner)),
                ("publicKey", .string(Hex.text(box.publicKey))),
                ("publicSignKey", .string(Hex.text(sign.publicKey))),
            ]
        )
    }
}
