/// Fuse.
