extension Schema {
    /// Events that happen again are one, and each time the newest.
    static let repeatedEvents = """
        ALTER TABLE event ADD COLUMN change INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE event ADD COLUMN last INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE event ADD COLUMN count INTEGER NOT NULL DEFAULT 1;
        UPDATE event SET change = id, last = time;
        CREATE INDEX event_change ON event (change);
        """
}
