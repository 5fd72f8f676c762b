extension Schema {
    /// What a version of a profile says its person is called, whether it counts as a version or not.
    static let heardNames = """
        ALTER TABLE profile_version ADD COLUMN name BLOB;
        CREATE INDEX profile_version_person ON profile_version (person) WHERE name IS NOT NULL;
        CREATE INDEX profile_version_name ON profile_version (name) WHERE name IS NOT NULL;
        """
}
