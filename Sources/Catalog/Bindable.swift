internal import GRDBSQLite
internal import Objects

/// A value that can stand in the place of a `?` of a statement.
///
/// The result of binding is SQLite's (sqlite3_bind_blob and its like); SQLite keeps a copy.
protocol Bindable {
    func bind(to statement: OpaquePointer, at place: Int32) -> Int32
}

/// Tells SQLite to copy what it is given: SQLITE_TRANSIENT, which is no constant Swift can import.
private let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

private func bindBlob(_ bytes: some ContiguousBytes, to statement: OpaquePointer, at place: Int32) -> Int32 {
    bytes.withUnsafeBytes { buffer in
        // A NULL pointer would bind NULL instead of an empty blob.
        guard let start = buffer.baseAddress, !buffer.isEmpty else { return sqlite3_bind_zeroblob(statement, place, 0) }
        return sqlite3_bind_blob(statement, place, start, Int32(buffer.count), transient)
    }
}

extension Int64: Bindable {
    func bind(to statement: OpaquePointer, at place: Int32) -> Int32 { sqlite3_bind_int64(statement, place, self) }
}

extension Int: Bindable {
    func bind(to statement: OpaquePointer, at place: Int32) -> Int32 {
        sqlite3_bind_int64(statement, place, Int64(self))
    }
}

extension Double: Bindable {
    func bind(to statement: OpaquePointer, at place: Int32) -> Int32 { sqlite3_bind_double(statement, place, self) }
}

extension String: Bindable {
    func bind(to statement: OpaquePointer, at place: Int32) -> Int32 {
        // An empty text may have no pointer, and a NULL pointer would bind NULL.
        if isEmpty { return sqlite3_bind_text(statement, place, "", 0, transient) }
        var text = self
        return text.withUTF8 { bytes in
            sqlite3_bind_text(statement, place, bytes.baseAddress, Int32(bytes.count), transient)
        }
    }
}

extension ObjectHash: Bindable {
    func bind(to statement: OpaquePointer, at place: Int32) -> Int32 {
        bindBlob(self, to: statement, at: place)
    }
}

extension IDHash: Bindable {
    func bind(to statement: OpaquePointer, at place: Int32) -> Int32 { objectHash.bind(to: statement, at: place) }
}

/// Bytes as a BLOB.
///
/// Texts from outside are stored so as well: SQLite's text ends at the first NUL when it is bound.
struct StoredBytes: Bindable {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }
    init(_ text: String) { bytes = Array(text.utf8) }

    func bind(to statement: OpaquePointer, at place: Int32) -> Int32 {
        bindBlob(bytes, to: statement, at: place)
    }
}

extension EntryNumber {
    /// As SQLite keeps it.
    var stored: Int64 { Int64(bitPattern: self) }
}
