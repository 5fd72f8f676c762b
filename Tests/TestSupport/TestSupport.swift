/// In-memory implementations and seeded generators for the tests.
