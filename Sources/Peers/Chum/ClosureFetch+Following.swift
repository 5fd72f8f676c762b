import Objects

/// Asking for what is new alone. The list of all that a version leads to grows with its history; from the newest object to
/// the first that is here it is only as far as there is news.
extension ClosureFetch {
    /// More steps from the newest object than there are in some new messages: each is a round trip.
    private static let stepCountMax = 24
    private static let followedCountMax = 512

    /// What the node leads to until something is here, in the order of a list; nil: it is to be asked for.
    ///
    /// That is too far, or the other side gives nothing but what it has listed, as the reference does.
    mutating func follow(_ node: [UInt8]) async throws -> [ObjectChild]? {
        guard let first = try? Microdata.references(in: node, .standard) else { return nil }
        var references = [root.hash: first]
        var open = try unseen(first)
        for _ in 0..<Self.stepCountMax {
            guard !open.isEmpty else {
                announced = Set(references.values.joined().map(\.hash))
                return order(references)
            }
            guard came.count + open.count <= Self.followedCountMax, let arrived = try await ask(open) else {
                return nil
            }
            var next: [Reference] = []
            for (child, bytes) in arrived {
                came[child.hash] = bytes
                let isObject = child.kind == .object || child.kind == .id
                guard let found = isObject ? try? Microdata.references(in: bytes, .standard) : [] else { return nil }
                references[child.hash] = found
                next += found
            }
            open = try unseen(next)
        }
        return nil
    }

    /// Those of some references that are neither here nor have come, but for blobs.
    private func unseen(_ references: [Reference]) throws -> [ObjectChild] {
        var kinds: [ObjectHash: Reference.Kind] = [:]
        for reference in references where reference.kind != .blob && came[reference.hash] == nil {
            kinds[reference.hash] = reference.kind
        }
        return try target.absent(Array(kinds.keys)).compactMap { hash in kinds[hash].map { ObjectChild($0, hash) } }
    }

    /// nil: the other side refuses, or it is too much to be held.
    private mutating func ask(_ children: [ObjectChild]) async throws -> [(ObjectChild, [UInt8])]? {
        do {
            return try await withThrowingTaskGroup(of: (ObjectChild, [UInt8]).self) { [client, came] group in
                var (arrived, rest) = ([(ObjectChild, [UInt8])](), children[...])
                for child in rest.prefix(Self.smallWindowCount) {
                    group.addTask { (child, try await client.bytes(of: child)) }
                }
                rest = rest.dropFirst(Self.smallWindowCount)
                var byteCount = came.values.reduce(0) { $0 + $1.count }
                while let next = try await group.next() {
                    arrived.append(next)
                    byteCount += next.1.count
                    guard byteCount < Self.earlyByteCountMax else { return nil }
                    if let child = rest.popFirst() { group.addTask { (child, try await client.bytes(of: child)) } }
                }
                return arrived
            }
        } catch CallError.failed {
            mayFollow = false
            return nil
        }
    }

    /// Every one after what refers to it; the root, which is the first, left out.
    private func order(_ references: [ObjectHash: [Reference]]) -> [ObjectChild] {
        var (order, visited) = ([ObjectChild](), Set<ObjectHash>())
        var open: [(child: ObjectChild, isLeft: Bool)] = [(root, false)]
        while let (child, isLeft) = open.popLast() {
            if isLeft {
                order.append(child)
                continue
            }
            guard visited.insert(child.hash).inserted else { continue }
            open.append((child, true))
            for reference in references[child.hash] ?? [] {
                open.append((ObjectChild(reference.kind, reference.hash), false))
            }
        }
        return order.reversed().dropFirst().map(\.self)
    }
}
