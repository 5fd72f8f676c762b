/// What a signed certificate means: fixed texts, known by their hashes (one-protocol 5.4).
package enum License {
    package static let affirmation = license(
        "Affirmation",
        "[signature.issuer] affirms that content of [data] is correct."
    )
    package static let trustKeys = license(
        "TrustKeys",
        "[signature.issuer] asserts that keys in [profile] belong to the person referenced by the profile."
    )
    package static let relation = license(
        "Relation",
        "[signature.issuer] affirms that [person1] has [relation] to [person2] in context of application [app]."
    )
    package static let rightToDeclareTrustedKeysForEverybody = license(
        "RightToDeclareTrustedKeysForEverybodyLicense",
        "[signature.issuer] gives [beneficiary] the right to declare any keys in profiles as trusted by issuing "
            + "TrustKeys certificates."
    )
    package static let rightToDeclareTrustedKeysForSelf = license(
        "RightToDeclareTrustedKeysForSelf",
        "[signature.issuer] gives [beneficiary] the right to declare keys in his own profiles as trusted by issuing "
            + "Affirmation certificates."
    )
    package static let accessUnversionedObject = license(
        "AccessUnversionedObject",
        "[signature.issuer] gives permission to share [data] with [person]."
    )
    package static let accessVersionedObject = license(
        "AccessVersionedObject",
        "[signature.issuer] gives permission to share all versions of [data] with [person]."
    )

    /// The hash of the affirmation license.
    static let affirmationHash: ObjectHash = {
        do throws(MicrodataError) {
            return try EncodedObject(affirmation, .standard).hash
        } catch {
            preconditionFailure("the affirmation license cannot be written: \(error)")
        }
    }()

    private static func license(_ name: String, _ description: String) -> OneObject {
        OneObject("License", [("name", .string(name)), ("description", .string(description))])
    }
}
