/// A trial in which all contenders show the same tree.
protocol GalleryTrial: Trial {
    var gallery: Gallery { get }

    func measure(_ showing: Showing, _ round: Int) async throws -> Double
}

extension GalleryTrial {
    var contenders: [Contender] { gallery.contenders }
    var notes: [String] { gallery.notes }

    func measure(_ contender: Contender, _ round: Int) async throws -> Double? {
        let showing = try gallery.showing(contender)
        return showing.isSlow && round > 0 ? nil : try await measure(showing, round)
    }
}

extension Row {
    /// The rows in which programs of others take part.
    static var beside: [Row] { listing + reading + working }
}
