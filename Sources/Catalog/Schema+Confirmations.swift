extension Schema {
    /// Who was found to have an object, and what nobody who keeps everything was found to have yet.
    ///
    /// There are many of them: `time` is whole seconds since 1970, rounded down. `turn` is that of `HolderConfirmation`.
    static let confirmations = """
        CREATE TABLE confirmation (
            hash BLOB NOT NULL, instance INTEGER NOT NULL, time INTEGER NOT NULL, turn INTEGER NOT NULL,
            PRIMARY KEY (hash, instance)) WITHOUT ROWID;
        CREATE TABLE unconfirmed (hash BLOB PRIMARY KEY) WITHOUT ROWID;
        """
}
