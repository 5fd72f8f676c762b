extension Configuration {
    /// Whether this instance holds every object there is (design 9): what an archive does unless it is told otherwise.
    var keepsEverything: Bool { storage.keepAllObjects ?? (instance.role == .archive) }
}
