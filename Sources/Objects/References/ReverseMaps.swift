/// Which references are written down at their target, so that who refers to it can be looked up (one-format 4.1).
///
/// ONE.CORE keeps them as files of lines; types it was not told of have none.
package struct ReverseMaps: Hashable, Sendable {
    /// Names of properties that count, by type; `*` is all of them.
    private var objects: [String: Set<String>]
    private var idObjects: [String: Set<String>]

    private static let everything = "*"

    /// What ONE.CORE has enabled always, and what the models of ONE enable (one-protocol 5.4, its last paragraph).
    package static let standard = Self(
        objects: [
            "Access": ["*"], "Group": ["*"], "IdAccess": ["*"], "Keys": ["*"],
            "AccessUnversionedObjectCertificate": ["*"], "AccessVersionedObjectCertificate": ["*"],
            "AffirmationCertificate": ["*"], "License": ["*"], "RelationCertificate": ["*"],
            "RightToDeclareTrustedKeysForEverybodyCertificate": ["*"],
            "RightToDeclareTrustedKeysForSelfCertificate": ["*"], "TrustKeysCertificate": ["*"],
            "Signature": ["issuer", "data"], "Profile": ["communicationEndpoint", "personDescription"],
            "Someone": ["*"], "OneInstanceEndpoint": ["*"], "Assertion": ["target"],
        ],
        idObjects: ["Access": ["*"], "IdAccess": ["*"], "Instance": ["*"], "Profile": ["owner", "personId"]]
    )

    private init(objects: [String: Set<String>], idObjects: [String: Set<String>]) {
        (self.objects, self.idObjects) = (objects, idObjects)
    }

    /// Adds what an Instance object has enabled (one-format 5).
    package mutating func enable(by instance: OneObject) {
        Self.add(instance["enabledReverseMapTypes"], to: &objects)
        Self.add(instance["enabledReverseMapTypesForIdObjects"], to: &idObjects)
    }

    private static func add(_ value: Value?, to types: inout [String: Set<String>]) {
        guard case .map(let entries) = value else { return }
        for entry in entries {
            guard case .string(let type) = entry.key, case .list(let names) = entry.value else { continue }
            for case .string(let name) in names { types[type, default: []].insert(name) }
        }
    }

    /// Whether anything an object of this type refers to is written down.
    package func has(_ kind: ObjectKind, _ type: String) -> Bool { names(kind, type) != nil }

    /// What an object or ID object with these references is written down at, each once, in the order of the references.
    package func targets(_ kind: ObjectKind, _ type: String, _ references: [Reference]) -> [ObjectHash] {
        guard let names = names(kind, type) else { return [] }
        var seen: Set<ObjectHash> = []
        return references.filter { reference in
            names.contains(Self.everything) || reference.path.contains(where: names.contains)
        }.map(\.hash).filter { seen.insert($0).inserted }
    }

    /// The name of the file that has the lines of a target.
    package static func fileName(_ target: ObjectHash, _ kind: ObjectKind, _ type: String) -> String {
        "\(target.hex).\(kind == .id ? "IdObject" : "Object").\(type)"
    }

    private func names(_ kind: ObjectKind, _ type: String) -> Set<String>? {
        switch kind {
        case .one: objects[type]
        case .id: idObjects[type]
        case .blob, .clob: nil
        }
    }
}
