extension Schema {
    /// What is as large may be an image worth making smaller.
    static let largeByteCount = 64 << 10

    /// The queues of `Replacement`: the place is the key, so that the first of a queue is found without a search.
    static let usage = """
        CREATE TABLE usage (
            place INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, queue INTEGER NOT NULL, uses INTEGER NOT NULL,
            used INTEGER NOT NULL, charge INTEGER NOT NULL);
        CREATE INDEX usage_queue ON usage (queue);
        CREATE INDEX usage_used ON usage (used) WHERE queue < 2;
        CREATE INDEX usage_large ON usage (used) WHERE queue < 2 AND charge >= \(largeByteCount);
        CREATE TABLE usage_total (queue INTEGER PRIMARY KEY, count INTEGER NOT NULL, charge INTEGER NOT NULL);
        -- What is no longer the current version of anything: its history (1), or what was in it (0).
        CREATE TABLE superseded (hash BLOB PRIMARY KEY, history INTEGER NOT NULL) WITHOUT ROWID;
        """
}
