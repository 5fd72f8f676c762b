extension Schema {
    /// When each conversation was last opened here, in nanoseconds since 1970.
    static let openings = "CREATE TABLE opening (thread INTEGER PRIMARY KEY, time INTEGER NOT NULL);"
}
