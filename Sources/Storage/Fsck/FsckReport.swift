/// What a check of the files found.
package struct FsckReport: Hashable, Sendable, Codable {
    package var depth: Fsck.Depth
    package var objectCount = 0
    package var byteCount = 0
    package var headCount = 0
    /// References that were followed; none in a fast check.
    package var referenceCount = 0
    /// Objects of types without a recipe here, whose references cannot be followed.
    package var unreadTypeCount = 0
    package var findings: [Finding] = []

    package struct Finding: Hashable, Sendable, Codable {
        package enum Kind: String, Sendable, Codable {
            /// The bytes of an object are not what its name says.
            case wrongBytes
            /// The file of an object is empty, and should not be.
            case empty
            /// Something that is no file has the name of an object.
            case notAFile
            /// The operating system could not read it.
            case unreadable
            /// An object is in another directory than its name says.
            case misplaced
            /// An object refers to one that is neither here nor known elsewhere.
            case missingReference
            /// The file of a head is not a hash.
            case damagedHead
            /// A head names something that is neither here nor known elsewhere, or no version node.
            case headWithoutNode
            /// The object that is current by a head is neither here nor known elsewhere.
            case headWithoutObject
            /// There are versions of a thing, but it has no head.
            case missingHead
            /// A picture that was spoken of and is nowhere: whoever gave what refers to it may not have given it; no damage.
            case withheld
            /// Not a file of ours: left alone, no damage.
            case foreign
        }

        package var kind: Kind
        /// Below the root.
        package var path: String
        package var detail: String
        package var isRepaired = false

        package init(_ kind: Kind, _ path: String, _ detail: String = "") {
            (self.kind, self.path, self.detail) = (kind, path, detail)
        }

        package var isDamage: Bool { kind != .foreign && kind != .withheld }
    }

    package init(depth: Fsck.Depth) { self.depth = depth }

    /// As fsck(8): 0 clean, 1 all damage repaired, 4 damage left.
    package var exitCode: Int32 {
        let damage = findings.filter(\.isDamage)
        if damage.isEmpty { return 0 }
        return damage.allSatisfy(\.isRepaired) ? 1 : 4
    }

    /// In words, for people.
    package var lines: [String] {
        let damage = findings.filter(\.isDamage)
        let repairedCount = damage.count { $0.isRepaired }
        let outcome =
            damage.isEmpty ? "clean" : "\(damage.count) damaged, \(repairedCount) of them repaired"
        return findings.map { finding in
            let detail = finding.detail.isEmpty ? "" : " (\(finding.detail))"
            return "\(finding.kind.rawValue): \(finding.path)\(detail)\(finding.isRepaired ? ": repaired" : "")"
        } + ["\(objectCount) objects, \(byteCount) bytes, \(headCount) heads, \(referenceCount) references: \(outcome)"]
    }
}
