import Objects
import SystemPackage

/// Writes objects for a batch into `incoming/`; several may work for one.
struct BatchWriter: Sendable {
    let store: ObjectStore
    let claims: Claims
    let meter: IntakeMeter
    private(set) var staged: [ObjectBatch.Staged] = []
    private(set) var existing: [ObjectHash] = []

    init(store: ObjectStore, claims: Claims, meter: IntakeMeter = IntakeMeter()) {
        (self.store, self.claims, self.meter) = (store, claims, meter)
    }

    /// Files up to this size are read before they are written: one that is here already is not written again.
    private static let memoryByteCountMax = 1 << 20

    /// Writes bytes, unless they are here.
    mutating func write(_ bytes: [UInt8], as hash: ObjectHash) throws(ObjectError) -> Arrival {
        let known = KnownObject(hash: hash, bytes: bytes)
        guard try isNew(hash) else { return Arrival(object: known, wasHere: true) }
        staged.append(.init(path: try store.writeTemporary(bytes, isSynchronized: false), hash: hash))
        return Arrival(object: known, wasHere: false)
    }

    /// Writes what it is; of an error, `.failure` if it is that of the source, else it is thrown.
    mutating func write<Tag>(_ new: NewObject<Tag>) async throws(ObjectError) -> Result<Arrival, ObjectError> {
        if let expected = new.expected, let known = try existing(expected) {
            return .success(Arrival(object: known, wasHere: true))
        }
        let source: FileDescriptor
        switch new.content {
        case .bytes(let bytes): return try write(bytes, expecting: new.expected, isFile: false)
        case .entry(let path, let disk, isLinked: true):
            if let arrival = try link(path, of: disk, expecting: new.expected) { return arrival }
            fallthrough
        default:
            do throws(ObjectError) { source = try new.content.open() } catch { return .failure(error) }
        }
        defer { try? source.close() }
        return try await write(source, expecting: new.expected)
    }

    private mutating func write(
        _ bytes: [UInt8],
        expecting expected: ObjectHash?,
        isFile: Bool
    ) throws(ObjectError) -> Result<Arrival, ObjectError> {
        let hash = ObjectHash(of: bytes)
        meter.add(bytes: bytes.count)
        guard expected == nil || hash == expected else { return .failure(.damaged(by: "the file")) }
        var arrival = try write(bytes, as: hash)
        if isFile, !arrival.wasHere { arrival.transfer = .copied }
        return .success(arrival)
    }

    private mutating func write(
        _ source: FileDescriptor,
        expecting expected: ObjectHash?
    ) async throws(ObjectError) -> Result<Arrival, ObjectError> {
        guard let status = DiskStatus(of: source), status.kind == .file else {
            return .failure(.system(.invalidArgument, "reading what is not a file"))
        }
        if status.byteCount <= Self.memoryByteCountMax {
            let bytes: [UInt8]?
            do throws(Errno) { bytes = try source.bytes(atMost: status.byteCount) } catch {
                return .failure(ObjectError(error, "reading a file"))
            }
            // nil: it has grown since.
            if let bytes { return try write(bytes, expecting: expected, isFile: true) }
        }
        var object = try store.stage()
        switch try await object.fill(from: source, meter) {
        case .failure(let error): return .failure(ObjectError(error, "reading a file"))
        case .success(let transfer): return try take(object, transfer, expecting: expected)
        }
    }

    /// nil where the file system cannot: another device, or the owner's files may not be linked.
    private mutating func link(
        _ path: DiskPath,
        of disk: PosixDisk,
        expecting expected: ObjectHash?
    ) throws(ObjectError) -> Result<Arrival, ObjectError>? {
        let object: StagedObject
        do throws(ObjectError) {
            object = try StagedObject.linking(path, of: disk, in: store)
        } catch {
            switch error {
            case .system(.improperLink, _), .system(.notPermitted, _), .system(.tooManyLinks, _): return nil
            case .system(.ioError, _), .system(.permissionDenied, _), .system(.noSuchFileOrDirectory, _):
                return .failure(error)
            default: throw error
            }
        }
        return try take(object, .linked, expecting: expected)
    }

    private mutating func take(
        _ object: consuming StagedObject,
        _ transfer: StagedObject.Transfer,
        expecting expected: ObjectHash?
    ) throws(ObjectError) -> Result<Arrival, ObjectError> {
        let (path, known) = try object.detach()
        do throws(ObjectError) {
            let isRight = expected == nil || known.hash == expected
            if isRight, try isNew(known.hash) {
                staged.append(.init(path: path, hash: known.hash))
                return .success(Arrival(object: known, transfer: transfer, wasHere: false))
            }
            try? store.disk.remove(path)
            return isRight ? .success(Arrival(object: known, wasHere: true)) : .failure(.damaged(by: "the file"))
        } catch {
            try? store.disk.remove(path)
            throw error
        }
    }

    /// What is known of an object that is here already, which is made durable with the batch.
    private mutating func existing(_ hash: ObjectHash) throws(ObjectError) -> KnownObject? {
        guard !store.isDistrusted(hash), let known = try store.known(hash) else { return nil }
        if claims.claim(hash) { existing.append(hash) }
        return known
    }

    /// Whether it is to be written, by whoever asks.
    private mutating func isNew(_ hash: ObjectHash) throws(ObjectError) -> Bool {
        guard claims.claim(hash) else { return false }
        guard !store.isDistrusted(hash), try store.contains(hash) else { return true }
        existing.append(hash)
        return false
    }
}

extension NewObject.Content {
    /// Opens the file; nothing blocks, whatever it is.
    fileprivate func open() throws(ObjectError) -> FileDescriptor {
        switch self {
        case .bytes: throw .system(.invalidArgument, "opening bytes")
        case .file(let path):
            do {
                return try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
            } catch {
                throw ObjectError(error as? Errno ?? .ioError, "opening \(path)")
            }
        case .entry(let path, let disk, _):
            let handle = try ObjectError.from("opening \(path)") { () throws(Errno) in try disk.open(path, .read) }
            return FileDescriptor(rawValue: handle.number)
        }
    }
}
