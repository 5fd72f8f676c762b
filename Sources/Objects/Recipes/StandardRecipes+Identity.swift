extension StandardRecipes {
    /// Persons, their profiles and how they are reached (one-protocol 5.1).
    static let identity: [Recipe] = [
        Recipe(
            "OneInstanceEndpoint",
            .one("personId", .id("Person")),
            .one("instanceId", .id("Instance")),
            .one("personKeys", .reference("Keys")),
            .one("instanceKeys", .reference("Keys")),
            .optional("url", .text)
        ),
        Recipe("Email", .one("email", .text)),
        Recipe("PhoneNumber", .one("number", .text)),
        Recipe("PersonName", .one("name", .text)),
        Recipe("OrganisationName", .one("name", .text)),
        Recipe("ProfileImage", .one("image", .blobReference)),
        Recipe("PersonStatus", .one("value", .text), .one("timestamp", .number), .one("location", .text)),
        Recipe("PersonImage", .one("image", .blobReference), .one("timestamp", .number), .one("location", .text)),
        Recipe("SignKey", .one("key", .hexKey)),
        Recipe("EncryptionKey", .one("key", .hexKey)),
        profile,
        Recipe(
            "Someone",
            .id("someoneId"),
            .one("mainProfile", .id("Profile")),
            .one("identities", .map(key: .id("Person"), value: .set(.id("Profile")))),
            mergeAlgorithms: []
        ),
        Recipe(
            "Leute",
            .id("appId", .text("^one.leute$")),
            .one("me", .id("Someone")),
            .one("other", .bag(.id("Someone"))),
            .one("group", .bag(.id("GroupProfile")))
        ),
        Recipe("GroupProfile", .id("group", .id("Group")), .one("name", .text), .one("picture", .blobReference)),
        Recipe(
            "LocalInstancesList",
            .id("id", .text("^LocalInstancesList$")),
            .one("instances", .array(.object([.one("instance", .id("Instance"))])))
        ),
    ]

    private static let profile = Recipe(
        "Profile",
        .id("profileId", .text),
        .id("personId", .id("Person")),
        .id("owner", .id("Person")),
        .optional("nickname", .text),
        .one("communicationEndpoint", .bag(.reference("Email", "OneInstanceEndpoint", "PhoneNumber"))),
        .one(
            "personDescription",
            .bag(
                .reference(
                    "EncryptionKey",
                    "OrganisationName",
                    "PersonImage",
                    "PersonName",
                    "PersonStatus",
                    "ProfileImage",
                    "SignKey"
                )
            )
        )
    )
}
