import Objects
import Peers

extension Author {
    /// Unites versions that contacts have with the current ones (one-format 2.6); the nodes are stored with them.
    ///
    /// `body` adds what belongs to it.
    func take(_ arrived: [ArrivedVersion], beside body: (inout Draft) throws -> Void) throws {
        var offers: [IDHash: [ArrivedVersion]] = [:]
        for version in arrived { offers[version.id, default: []].append(version) }
        try commit { draft in
            for (id, versions) in offers.sorted(by: { $0.key < $1.key }) {
                for version in versions { try draft.add(version.node.object) }
                var lineage = try draft.lineage(of: id)
                try lineage.importing(versions.map(\.hash))
                draft.add(lineage)
            }
            try body(&draft)
        }
    }
}
