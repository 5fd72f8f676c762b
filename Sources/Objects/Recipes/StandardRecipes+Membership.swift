extension StandardRecipes {
    /// Our own: which instances belong to an owner (design 5).
    static let membership: [Recipe] = [
        Recipe(
            "IoMRegistration",
            .id("instanceId", .id("Instance")),
            .one("ownerId", .id("Person")),
            .one("deviceType", .text),
            .one("storageRole", .text),
            .one("capabilities", .array(.text)),
            .one("publicKey", .text("^[0-9a-f]{64}$")),
            .one("publicSignKey", .text("^[0-9a-f]{64}$")),
            .optional("endpoint", .text),
            .one("validFrom", .number),
            .optional("revokedAt", .number)
        )
    ]
}
