import Objects

/// What an adoption brought in, and what it could not.
package struct AdoptionReport: Hashable, Sendable, Codable {
    /// Objects in the source.
    package var objectCount = 0
    /// Of these, the ones the store had already.
    package var knownCount = 0
    /// How the others came in.
    package var clonedCount = 0
    package var copiedCount = 0
    package var linkedCount = 0
    /// Bytes of the others.
    package var byteCount = 0
    /// Heads in the source.
    package var headCount = 0
    /// Of these, the ones that are heads here now.
    package var setHeadCount = 0
    /// What was left out, by its path in the source.
    package var findings: [Finding] = []

    package struct Finding: Hashable, Sendable, Codable {
        package enum Kind: String, Sendable, Codable {
            /// The bytes are not what the name says.
            case damaged
            /// The operating system could not read it.
            case unreadable
            /// Not a name ONE.CORE gives, or not a file.
            case foreign
            /// The file of a head has no bytes: ONE.CORE was interrupted when it wrote it.
            case emptyHead
            /// The file of a head is not a hash.
            case damagedHead
            /// The head names no version node, or one whose object is missing.
            case headWithoutNode
            /// The head here is another one, and neither follows the other: the one here is kept.
            case otherHead
        }

        package var kind: Kind
        package var path: String

        package init(_ kind: Kind, _ path: String) { (self.kind, self.path) = (kind, path) }
    }

    package init() {}

    /// Counts what came in, and gives those that are here now.
    mutating func take(_ batch: [StoredObject<Adoption.File>]) -> [KnownObject] {
        batch.compactMap { stored in
            switch stored.outcome {
            case .success(let arrival):
                count(arrival)
                return arrival.object
            case .failure(.damaged):
                findings.append(.init(.damaged, stored.tag.name))
                return nil
            case .failure:
                findings.append(.init(.unreadable, stored.tag.name))
                return nil
            }
        }
    }

    private mutating func count(_ arrival: Arrival) {
        guard !arrival.wasHere else { return knownCount += 1 }
        byteCount += arrival.object.byteCount
        switch arrival.transfer {
        case .cloned: clonedCount += 1
        case .linked: linkedCount += 1
        case .copied, nil: copiedCount += 1
        }
    }

    /// Names of the objects whose bytes are wrong or cannot be read.
    package var damaged: [String] {
        findings.filter { [.damaged, .unreadable].contains($0.kind) }.map(\.path)
    }

    package var newCount: Int { clonedCount + copiedCount + linkedCount }

    /// In words, for people.
    package var lines: [String] {
        var ways: [String] = []
        if clonedCount > 0 { ways.append("\(clonedCount) sharing their blocks with the source") }
        if copiedCount > 0 { ways.append("\(copiedCount) copied") }
        if linkedCount > 0 { ways.append("\(linkedCount) linked") }
        let how = ways.isEmpty ? "" : ": " + ways.joined(separator: ", ")
        return [
            "\(objectCount) objects, \(knownCount) of them here already, \(newCount) new (\(byteCount) bytes)\(how)",
            "\(headCount) heads, \(setHeadCount) of them heads here",
        ] + findings.map { "\($0.kind.rawValue): \($0.path)" }
    }
}
