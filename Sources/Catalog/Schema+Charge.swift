internal import Objects

extension Schema {
    /// What the objects that are here and the heads take on the disk, kept up to date with every change.
    static let charge = """
        ALTER TABLE total ADD COLUMN held_charge INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE total ADD COLUMN heads INTEGER NOT NULL DEFAULT 0;
        UPDATE total SET heads = (SELECT count(*) FROM head), held_charge = (
            SELECT coalesce(sum((size + \(Allocation.blockByteCount - 1))
                / \(Allocation.blockByteCount) * \(Allocation.blockByteCount)), 0)
            FROM object WHERE held = 1);
        """
}
