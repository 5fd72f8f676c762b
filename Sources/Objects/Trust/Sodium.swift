import CSodium

/// libsodium, made ready once (sodium_init(3)).
enum Sodium {
    static let isReady: Bool = sodium_init() >= 0

    /// To be called before anything else of libsodium.
    static func prepare() { precondition(isReady, "libsodium cannot be used on this machine") }
}
