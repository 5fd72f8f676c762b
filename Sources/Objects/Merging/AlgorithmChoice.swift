/// Which algorithm merges which value of a type: what its recipe's `crdtConfig` says, else the default (one-format 2.7).
struct AlgorithmChoice {
    enum Algorithm: String {
        /// The latest value.
        case register = "Register"
        /// Items are added and removed one by one.
        case set = "Set"
        /// There or not there.
        case optionalValue = "OptionalValue"
        /// What is referred to is merged.
        case reference = "ReferenceToObj"
        /// The entries of a channel (one-protocol 6.3).
        case linkedList = "LinkedListCrdtAlgorithm"
        /// None: each part of the value has its own.
        case parts = "NotAvailable"
    }

    /// A line of `crdtConfig`: the path may name the role of the value behind `#`, and have `*` for a component.
    private struct Line {
        let path: [UInt8]
        let components: [ArraySlice<UInt8>]
        let algorithm: String
    }

    private let lines: [Line]

    init(_ recipe: Recipe?) {
        lines = (recipe?.mergeAlgorithms ?? []).map { line in
            let path = Array(line.path.utf8)
            return Line(path: path, components: Self.components(of: path), algorithm: line.algorithm)
        }
    }

    /// The algorithm for a value in a role: the name of its type, `objectProperty` or `mapEntry`.
    func algorithm(at path: String, _ role: Role) throws(MergeError) -> Algorithm {
        guard let name = configured(Array(path.utf8), role) else { return role.standard }
        guard let algorithm = Algorithm(rawValue: name) else { throw .impossible("no algorithm has the name \(name)") }
        return algorithm
    }

    private func configured(_ path: [UInt8], _ role: Role) -> String? {
        guard !lines.isEmpty else { return nil }
        let suffix = Array("#\(role.rawValue)".utf8)
        if let line = lines.first(where: { $0.path == path + suffix }) { return line.algorithm }
        if let line = lines.first(where: { $0.path == path }) { return line.algorithm }
        let components = Self.components(of: path)
        guard let last = components.last else { return nil }
        let any = [UInt8(ascii: "*")]
        let candidates = lines.filter { line in
            line.components.count == components.count
                && zip(line.components, components).dropLast().allSatisfy {
                    $0.elementsEqual($1) || $0.elementsEqual(any)
                }
        }
        // From the most exact to the least; of equally exact ones the first counts.
        for ending in [last + suffix, any + suffix, Array(last), any] {
            let line = candidates.first { $0.components.last.map { $0.elementsEqual(ending) } == true }
            if let line { return line.algorithm }
        }
        return nil
    }

    private static func components(of path: [UInt8]) -> [ArraySlice<UInt8>] {
        path.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    }
}

extension AlgorithmChoice {
    /// As what a value is merged; the words are those of `crdtConfig`.
    enum Role: String {
        case string, integer, number, boolean, stringifiable
        case referenceToObj, referenceToId, referenceToClob, referenceToBlob
        case array, bag, set, map, object
        case objectProperty, mapEntry

        var standard: Algorithm {
            switch self {
            case .string, .integer, .number, .boolean, .stringifiable, .referenceToId, .referenceToClob,
                .referenceToBlob:
                .register
            case .referenceToObj: .reference
            case .array, .bag, .set: .set
            case .map, .object: .parts
            case .objectProperty, .mapEntry: .optionalValue
            }
        }
    }
}

extension TypeLayout.Shape {
    /// As what a value of this shape is merged.
    var role: AlgorithmChoice.Role {
        switch self {
        case .string: .string
        case .integer: .integer
        case .number: .number
        case .boolean: .boolean
        case .json: .stringifiable
        case .reference(.object): .referenceToObj
        case .reference(.id): .referenceToId
        case .reference(.clob): .referenceToClob
        case .reference(.blob): .referenceToBlob
        case .array: .array
        case .bag: .bag
        case .set: .set
        case .map: .map
        case .object: .object
        }
    }
}
