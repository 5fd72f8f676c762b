/// Catalog.
