extension StandardRecipes {
    /// Folders and files (one-protocol 5.3).
    static let files: [Recipe] = [
        Recipe(
            "PersistentFileSystemRoot",
            .one(
                "root",
                .object([.one("mode", .number), .one("entry", .reference("PersistentFileSystemDirectory"))])
            )
        ),
        Recipe(
            "PersistentFileSystemDirectory",
            .one(
                "children",
                .bag(
                    .object([
                        .one("path", .text),
                        .one("mode", .number),
                        .one("content", .reference("PersistentFileSystemDirectory", "PersistentFileSystemFile")),
                    ])
                )
            )
        ),
        Recipe("PersistentFileSystemFile", .one("content", .blobReference)),
    ]
}
