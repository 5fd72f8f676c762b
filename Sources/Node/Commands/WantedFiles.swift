import Catalog
import Objects
import Peers
import Storage
import Views

/// Something that is to be on this device.
struct WantedFile: Sendable {
    enum Thing: Hashable, Sendable {
        case object(ObjectHash)
        /// A text that is made from messages.
        case document(EntryNumber, isHere: Bool)
    }

    var thing: Thing
    var byteCount: Int
}

/// Everything that has bytes at or below some targets, one after the other.
struct WantedFiles {
    private let node: Node
    private let walk: TreeWalk
    /// Those that are not begun yet, the next one last.
    private var targets: [Target]
    private var files: TreeWalk.Files?

    init(of targets: [Target], on node: Node, _ walk: TreeWalk) {
        (self.node, self.walk, self.targets) = (node, walk, targets.reversed())
    }

    /// nil after the last.
    mutating func next() throws -> WantedFile? {
        while true {
            while let file = try files?.next() {
                switch file.kind {
                case .object(let hash): return WantedFile(thing: .object(hash), byteCount: file.byteCount)
                case .document:
                    let isHere = file.localByteCount >= file.byteCount
                    return WantedFile(thing: .document(file.number, isHere: isHere), byteCount: file.byteCount)
                case .directory, .link: continue
                }
            }
            switch targets.popLast() {
            case nil: return nil
            case .entry(let entry): files = walk.files(below: entry)
            case .object(let hash):
                files = nil
                return WantedFile(thing: .object(hash), byteCount: try node.catalog.known(hash)?.object.byteCount ?? 0)
            }
        }
    }
}

extension WantedFile {
    func isHere(_ node: Node) throws -> Bool {
        switch thing {
        case .object(let hash): try node.store.localByteCount(of: hash) != nil
        case .document(_, let isHere): isHere
        }
    }

    func bring(_ node: Node) async -> FetchTally.Part {
        do throws(ObjectError) {
            switch thing {
            case .document(let number, _): try await node.reader.bring(document: number)
            case .object(let hash):
                node.origins.note(hash, .command, by: "fetch")
                guard try await node.fetcher.fetch(hash, priority: .background) == nil else { throw .noSpace }
            }
            return .init(file: self)
        } catch {
            return .init(file: self, failure: error)
        }
    }
}
