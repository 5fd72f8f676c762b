import SystemPackage

/// Those that show the same tree in one row.
struct Gallery: Sendable {
    var showings: [Showing]
    var notes: [String]

    var contenders: [Contender] { showings.map(\.contender) }

    func showing(_ contender: Contender) throws -> Showing {
        guard let showing = showings.first(where: { $0.contender == contender }) else {
            throw PeerFailure("\(contender) shows nothing")
        }
        return showing
    }
}

/// The peers of one run, each started when a row first needs it.
final class PeerParty {
    private let site: Site
    private var places: [Contender: PeerPlace] = [:]
    private var failures: [Contender: String] = [:]

    init(site: Site) { self.site = site }

    /// What those of them show that are here; why others are not.
    func showings(_ peers: [Peer], source: FilePath) async throws -> (showings: [Showing], notes: [String]) {
        var (showings, notes): ([Showing], [String]) = ([], [])
        for peer in peers where site.peers.includes(peer) {
            guard peer.isInstalled else {
                notes.append("\(peer.contender) is not installed")
                continue
            }
            if let showing = try await showing(peer, source) {
                showings.append(showing)
                notes += peer.note.map { [$0] } ?? []
            } else {
                notes.append("\(peer.contender) does not work here: \(failures[peer.contender] ?? "")")
            }
        }
        return (showings, notes)
    }

    private func showing(_ peer: Peer, _ source: FilePath) async throws -> Showing? {
        if let place = places[peer.contender] { return place.showing }
        guard failures[peer.contender] == nil else { return nil }
        let place = try PeerPlace(source: source, folder: site.path("peer-\(peer.contender)"))
        places[peer.contender] = place
        do { try await peer.show(place) } catch {
            try Task.checkCancellation()
            failures[peer.contender] = "\(error)"
            place.close()
        }
        return place.showing
    }

    func close() {
        for place in places.values { place.close() }
        places = [:]
    }
}
