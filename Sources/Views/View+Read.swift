package import Objects
import Synchronization
import SystemPackage

/// Bytes of files.
extension View {
    /// Opens a file.
    ///
    /// Never waits for the network.
    package func open(_ number: EntryNumber) throws(ObjectError) -> OpenFile { try open(entry(number)) }

    /// Opens the file of an entry.
    package func open(_ entry: Entry) throws(ObjectError) -> OpenFile {
        let file = OpenFile(entry, try source(of: entry), lifetime(of: entry), at: time.elapsed)
        if case .object = entry.kind, case .local = file.source.withLock({ $0 }) { counters.add(.hit) }
        note(entry, .opened)
        return file
    }

    /// Whether opening it may take as long as hashing a large file or rendering a long document.
    package static func mayOpenSlowly(_ entry: Entry) -> Bool {
        switch entry.kind {
        case .directory, .link: false
        case .object: entry.byteCount > 1 << 20
        case .document: entry.byteCount > 1 << 16 || entry.number & MachineNode.flag != 0
        }
    }

    private func source(of entry: Entry) throws(ObjectError) -> OpenFile.Source {
        switch entry.kind {
        case .directory: throw .system(.isDirectory, "open")
        case .link: throw .system(.tooManySymbolicLinkLevels, "open")
        case .document:
            if entry.number == FixedEntry.readme { return .snapshot(Readme.bytes) }
            guard entry.number & MachineNode.flag != 0 else { return try render(entry) }
            switch try place(numbered: entry.number).node {
            case .statusDocument(let document): return .snapshot(try status.text(of: document).bytes)
            case .preview(let hash):
                guard let bytes = status.preview(of: hash) else { throw .unknown }
                return .snapshot(bytes)
            default: throw .unknown
            }
        case .object(let hash):
            return try openLocal(hash, byteCount: entry.byteCount).map { .local($0) } ?? .absent(hash)
        }
    }

    /// Finds where the bytes of a range are now.
    ///
    /// The range is cut at the end of the file; what is left is exact.
    package func read(_ range: Range<Int>, of file: OpenFile, by caller: Caller) throws(ObjectError) -> ReadResult {
        switch try currentSource(of: file) {
        case .local(let descriptor): return .local(descriptor, range.clamped(to: 0..<file.objectByteCount))
        case .document(let bytes, _), .snapshot(let bytes): return .bytes(bytes, range.clamped(to: 0..<bytes.count))
        case .absent, .unwritten:
            let (hash, range) = (file.fetchKey, range.clamped(to: 0..<file.objectByteCount))
            guard !range.isEmpty else { return .bytes([], 0..<0) }
            if file.hash != nil, let descriptor = try arriving(hash, for: file)?.local(range) {
                return .local(descriptor, range)
            }
            let wish = FetchWish(key: hash, byteCount: file.objectByteCount, range: range)
            let program = try admit(caller, to: wish)
            let failure = failures.last(in: range, of: hash, at: time.elapsed)
            if let error = file.repeated(failure) { throw error }
            if file.isFirstMiss {
                counters.add(.miss)
                if uses != nil, let entry = try? entry(file.number) { note(entry, .missed, by: program) }
            }
            return .absent(hash, range)
        }
    }

    private func admit(_ caller: Caller, to wish: FetchWish) throws(ObjectError) -> String? {
        do throws(ObjectError) { return try options.gate.admit(caller, to: wish) } catch {
            counters.add(.refused)
            throw error
        }
    }

    /// Bytes that are not here, from wherever they are; exactly these or an error.
    package func fetch(
        _ range: Range<Int>,
        of hash: ObjectHash,
        for file: OpenFile
    ) async throws(ObjectError) -> [UInt8] {
        do throws(ObjectError) {
            if file.hash == nil { return try await write(file, range) }
            let bytes: [UInt8]
            if let arriving = try arriving(hash, for: file) {
                bytes = try await arriving.read(range)
            } else {
                bytes = try await objects.read(range, of: hash)
            }
            guard bytes.count == range.count else { throw .damaged(by: "a reader that gave too few bytes") }
            return bytes
        } catch {
            failures.note(error, in: range, of: hash, at: time.elapsed)
            throw error
        }
    }

    /// A document that was not here: brings what it says.
    ///
    /// Its size may turn out to be another than was told; then fewer bytes are its end.
    private func write(_ file: OpenFile, _ range: Range<Int>) async throws(ObjectError) -> [UInt8] {
        try await objects.bring(document: file.number)
        let rendered = try render(entry(file.number))
        file.source.withLock { $0 = rendered }
        guard case .document(let bytes, _) = rendered else { throw .unreachable }
        return Array(bytes[range.clamped(to: bytes.indices)])
    }

    /// What was absent may have come, and what was rendered may have become other.
    private func currentSource(of file: OpenFile) throws(ObjectError) -> OpenFile.Source {
        let source = file.source.withLock { $0 }
        switch source {
        case .local, .snapshot: return source
        case .document(_, let age):
            guard age != documentAge.load(ordering: .acquiring) else { return source }
            let rendered = try render(entry(file.number))
            file.source.withLock { $0 = rendered }
            return rendered
        case .unwritten:
            let rendered = try render(entry(file.number))
            file.source.withLock { $0 = rendered }
            return rendered
        case .absent(let hash):
            guard let descriptor = try openLocal(hash, byteCount: file.objectByteCount) else { return source }
            return file.source.withLock { source in
                // Another read of the same file may have opened it meanwhile.
                if case .local = source { try? descriptor.close() } else { source = .local(descriptor) }
                return source
            }
        }
    }

    /// The object as this open file reads it while it comes; the same as long as the file is open.
    private func arriving(_ hash: ObjectHash, for file: OpenFile) throws(ObjectError) -> (any ArrivingObject)? {
        try file.arriving.withLock { (arriving) throws(ObjectError) in
            if case .unasked = arriving { arriving = try objects.arriving(hash).map { .inParts($0) } ?? .asWhole }
            return if case .inParts(let object) = arriving { object } else { nil }
        }
    }

    private func render(_ entry: Entry) throws(ObjectError) -> OpenFile.Source {
        // The age first: what changes while it is rendered makes it old.
        let (age, moment) = (documentAge.load(ordering: .acquiring), documents.moment)
        if let bytes = documents[entry.number], bytes.count == entry.byteCount { return .document(bytes, age: age) }
        do throws(ObjectError) {
            let bytes = try tree.document(entry.number)
            documents.keep(bytes, of: entry.number, since: moment)
            return .document(bytes, age: age)
        } catch {
            guard error == .unreachable else { throw error }
            return .unwritten
        }
    }

    /// A file of another size than the object would end a read early.
    private func openLocal(_ hash: ObjectHash, byteCount: Int) throws(ObjectError) -> FileDescriptor? {
        guard let descriptor = try objects.openLocal(hash) else { return nil }
        let end = try? descriptor.seek(offset: 0, from: .end)
        guard end == Int64(byteCount) else {
            try? descriptor.close()
            throw .damaged(by: "this disk")
        }
        return descriptor
    }
}
