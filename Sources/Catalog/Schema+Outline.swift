/// What following an outline and giving one needs.
extension Schema {
    /// Numbers of changes of the tree, and what was told of days and people whose messages are not here.
    static let outline = """
        ALTER TABLE entry ADD COLUMN change INTEGER;
        UPDATE entry SET change = numbered.place FROM (
            SELECT number, row_number() OVER (ORDER BY kind, number) AS place FROM entry WHERE kind IN (0, 1, 4, 5)
        ) AS numbered WHERE numbered.number = entry.number;
        CREATE INDEX entry_change ON entry (change) WHERE change IS NOT NULL;
        CREATE TABLE entry_gone (change INTEGER PRIMARY KEY, number INTEGER NOT NULL);
        -- Whether its numbers are another's, because not all of its messages are here.
        ALTER TABLE day ADD COLUMN told INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE told_person (
            thread INTEGER NOT NULL, person BLOB NOT NULL, PRIMARY KEY (thread, person)) WITHOUT ROWID;
        ALTER TABLE instance ADD COLUMN outline INTEGER NOT NULL DEFAULT 0;
        """
}
