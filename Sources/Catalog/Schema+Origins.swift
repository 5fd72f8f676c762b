extension Schema {
    /// Who fetched what, the last so many.
    static let origins = """
        CREATE TABLE origin (
            id INTEGER PRIMARY KEY AUTOINCREMENT, hash BLOB NOT NULL UNIQUE, reason INTEGER NOT NULL,
            program BLOB, holder BLOB NOT NULL, time INTEGER NOT NULL);
        """
}
