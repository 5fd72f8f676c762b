import Objects

/// A thing below `.iom/`, or below a machine directory shown at the top.
///
/// Its number follows from what it is, so it is the same after every remount:
/// ```
/// bit 63   62     61-59   58-0
///     1    isTop  kind    fixed things: their index; others: the first 59 bits of a SHA-256
/// ```
/// The catalog numbers its entries below 2^63, so they never meet.
enum MachineNode: Hashable {
    case objects, types, status, previews
    case shard(UInt8)
    case statusDocument(StatusDocument)
    case object(ObjectHash)
    case type(String)
    case typeLink(ObjectHash, type: String)
    /// The smaller rendition of an image.
    case preview(ObjectHash)

    static let flag: EntryNumber = 1 << 63
    static let topFlag: EntryNumber = 1 << 62
    private static let payloadBitCount: UInt64 = 59
    private static let payloadMask: UInt64 = (1 << payloadBitCount) - 1

    private enum Fixed {
        static let directories: UInt64 = 0x100
        static let shards: UInt64 = 0x200
        static let documents: UInt64 = 0x400
    }

    private static let directories: [MachineNode] = [.objects, .types, .status, .previews]

    private var kindAndPayload: (kind: UInt64, payload: UInt64) {
        switch self {
        case .objects: (0, Fixed.directories)
        case .types: (0, Fixed.directories + 1)
        case .status: (0, Fixed.directories + 2)
        case .previews: (0, Fixed.directories + 3)
        case .shard(let byte): (0, Fixed.shards + UInt64(byte))
        case .statusDocument(let document):
            (0, Fixed.documents + UInt64(StatusDocument.allCases.firstIndex(of: document) ?? 0))
        case .object(let hash): (1, Self.payload(hash))
        case .typeLink(let hash, _): (2, Self.payload(hash))
        case .type(let name): (3, Self.payload(ObjectHash(of: Array(name.utf8))))
        case .preview(let hash): (4, Self.payload(hash))
        }
    }

    /// The number, before any other thing with the same one is taken into account.
    func number(isTop: Bool) -> EntryNumber {
        let (kind, payload) = kindAndPayload
        return Self.flag | (isTop ? Self.topFlag : 0) | kind << Self.payloadBitCount | payload
    }

    /// The number to take where this one already stands for something else.
    static func number(after number: EntryNumber) -> EntryNumber {
        number & ~payloadMask | (number &+ 1) & payloadMask
    }

    /// Whether the number alone tells what this is.
    var isFixed: Bool { kindAndPayload.kind == 0 }

    /// The fixed thing of this number.
    static func fixed(_ number: EntryNumber) -> MachineNode? {
        guard number & flag != 0, (number & ~(flag | topFlag)) >> payloadBitCount == 0 else { return nil }
        let payload = number & payloadMask
        switch payload {
        case Fixed.directories..<Fixed.directories + UInt64(directories.count):
            return directories[Int(payload - Fixed.directories)]
        case Fixed.shards..<Fixed.shards + 256: return .shard(UInt8(payload - Fixed.shards))
        case Fixed.documents..<Fixed.documents + UInt64(StatusDocument.allCases.count):
            return .statusDocument(StatusDocument.allCases[Int(payload - Fixed.documents)])
        default: return nil
        }
    }

    /// The last hash whose number is this: numbers of hashes are in the order of the hashes, so a listing goes on after it.
    static func lastHash(numbered number: EntryNumber) -> ObjectHash? {
        let first = (number & payloadMask) << 5 | 31
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: first >> (56 - 8 * UInt64($0))) }
        return ObjectHash(bytes: bytes + [UInt8](repeating: 255, count: ObjectHash.byteCount - 8))
    }

    private static func payload(_ hash: ObjectHash) -> UInt64 {
        hash.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } >> 5
    }
}

/// A machine thing and the place it is shown at.
struct MachinePlace: Hashable {
    var node: MachineNode
    /// Below the root instead of below `.iom`.
    var isTop: Bool
}
