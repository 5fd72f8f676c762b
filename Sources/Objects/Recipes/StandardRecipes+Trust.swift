extension StandardRecipes {
    /// Signatures and what they certify (one-protocol 5.4).
    static let trust: [Recipe] = [
        Recipe(
            "Signature",
            .one("issuer", .id("Person")),
            .one("data", .reference("*")),
            .one("signature", .text("^([0-9a-fA-F]{2})*$"))
        ),
        Recipe("License", .one("name", .text), .one("description", .text)),
        Recipe("AffirmationCertificate", .one("data", .reference("*")), license),
        Recipe("TrustKeysCertificate", .one("profile", .reference("Profile")), license),
        Recipe(
            "RelationCertificate",
            .one("app"),
            .one("relation"),
            .one("person1", .id("Person")),
            .one("person2", .id("Person")),
            license
        ),
        Recipe("RightToDeclareTrustedKeysForEverybodyCertificate", beneficiary, license),
        Recipe("RightToDeclareTrustedKeysForSelfCertificate", beneficiary, license),
        Recipe(
            "AccessUnversionedObjectCertificate",
            .one("person", .id("Person")),
            .one("data", .reference("*")),
            license
        ),
        Recipe("AccessVersionedObjectCertificate", .one("person", .id("Person")), .one("data", .id("*")), license),
        Recipe(
            "Assertion",
            .id("target", .text("^[0-9a-f]{64}$")),
            .one("assertedBy", .id("Person")),
            .one("instanceId", .id("Instance")),
            .optional("signature", .text),
            .one("createdAt", .integer),
            .optional("expiresAt", .integer)
        ),
        Recipe(
            "IoMRequest",
            .one("timestamp", .number),
            .one("initiator", .id("Person")),
            .one("mainId", .id("Person")),
            .one("alternateId", .id("Person")),
            .one("mode", .text("^(full|light)$"))
        ),
        Recipe(
            "IoMRequestsRegistry",
            .id("appId", .text("^one.iom$")),
            .one("requests", .set(.reference("IoMRequest")))
        ),
    ]

    private static let license = Recipe.Rule.one("license", .reference("License"))
    private static let beneficiary = Recipe.Rule.one("beneficiary", .id("Person"))
}
