extension StandardRecipes {
    /// What ONE.CORE itself needs (one-format 5).
    static let core: [Recipe] =
        [
            Recipe("Person", .id("email"), .optional("name")),
            Recipe(
                "Instance",
                .id("name"),
                .id("owner", .id("Person")),
                .one("recipe", .set(.reference("Recipe"))),
                .one("enabledReverseMapTypes", .map(key: .text, value: .set(.text))),
                .one("enabledReverseMapTypesForIdObjects", .map(key: .text, value: .set(.text)))
            ),
            Recipe(
                "Keys",
                .one("owner", .id("Instance", "Person")),
                .one("publicKey", .hexKey),
                .one("publicSignKey", .hexKey)
            ),
            Recipe("Group", .id("name"), .one("person", .bag(.id("Person")))),
            Recipe(
                "Access",
                .id("object", .reference("*")),
                .one("person", .bag(.id("Person"))),
                .one("group", .bag(.id("Group")))
            ),
            Recipe(
                "IdAccess",
                .id("id", .id("*")),
                .one("person", .bag(.id("Person"))),
                .one("group", .bag(.id("Group")))
            ),
            chum,
            recipe,
        ] + versionNodes

    private static let chum = Recipe(
        "Chum",
        .id("name"),
        .id("instance", .array(.text)),
        .id("person", .array(.text("^(undefined|[0-9a-f]{64})$"))),
        .one("highestRemoteTimestamp", .integer),
        .one("AtoBObjects", .bag(.reference("*"))),
        .one("AtoBIdObjects", .bag(.id("*"))),
        .one("AtoBBlob", .bag(.blobReference)),
        .one("AtoBClob", .bag(.clobReference)),
        .one("BtoAObjects", .bag(.reference("*"))),
        .one("BtoAIdObjects", .bag(.id("*"))),
        .one("BtoABlob", .bag(.blobReference)),
        .one("BtoAClob", .bag(.clobReference)),
        .one("BtoAExists", .integer),
        .optional("statistics", .stringifiable),
        .optional("errors", .stringifiable)
    )

    private static let recipe = Recipe(
        "Recipe",
        .id("name"),
        .optional("crdtConfig", .map(key: .text, value: .text)),
        .one(
            "rule",
            .array(
                .object([
                    .one("itemprop"),
                    .optional("optional", .boolean),
                    .optional("isId", .boolean),
                    .optional("itemtype", .stringifiable),
                    .optional("inheritFrom", .stringifiable),
                ])
            )
        )
    )

    private static let versionNode = ValueType.reference("VersionNodeEdge", "VersionNodeChange", "VersionNodeMerge")
    private static let versionFields: [Recipe.Rule] = [
        .one("data", .reference("*")), .one("depth", .number), .one("creationTime", .number),
    ]
    private static let versionNodes = [
        Recipe(name: "VersionNodeEdge", rules: versionFields),
        Recipe(name: "VersionNodeChange", rules: [.optional("prev", versionNode)] + versionFields),
        Recipe(name: "VersionNodeMerge", rules: [.one("nodes", .set(versionNode))] + versionFields),
    ]
}
