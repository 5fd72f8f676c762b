internal import GRDBSQLite
internal import Objects

/// A value of one column of one row, copied out of SQLite.
enum StoredValue {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
    /// A blob of 32 bytes: nearly all of them are hashes, and need no memory of their own.
    case hash(ObjectHash)
}

/// A type that a column can be read as.
protocol StoredColumn {
    init?(_ value: StoredValue)
    /// What is read where the column has nothing of this type.
    static var absent: Self { get }
}

extension Int64: StoredColumn {
    init?(_ value: StoredValue) {
        guard case .integer(let number) = value else { return nil }
        self = number
    }
    static var absent: Self { 0 }
}

extension Int: StoredColumn {
    init?(_ value: StoredValue) {
        guard case .integer(let number) = value else { return nil }
        self.init(exactly: number)
    }
    static var absent: Self { 0 }
}

extension UInt8: StoredColumn {
    init?(_ value: StoredValue) {
        guard case .integer(let number) = value else { return nil }
        self.init(exactly: number)
    }
    static var absent: Self { 0 }
}

extension Double: StoredColumn {
    init?(_ value: StoredValue) {
        switch value {
        case .real(let number): self = number
        case .integer(let number): self = Double(number)
        default: return nil
        }
    }
    static var absent: Self { 0 }
}

extension String: StoredColumn {
    init?(_ value: StoredValue) {
        switch value {
        case .text(let text): self = text
        case .blob(let bytes): self.init(decoding: bytes, as: UTF8.self)
        case .hash(let hash): self.init(decoding: hash.bytes, as: UTF8.self)
        default: return nil
        }
    }
    static var absent: Self { "" }
}

/// One row of an answer.
struct StoredRow {
    private let values: [StoredValue]

    /// The row a statement stands on.
    init(_ statement: OpaquePointer) {
        let count = Int(sqlite3_column_count(statement))
        values = [StoredValue](unsafeUninitializedCapacity: count) { buffer, used in
            for column in 0..<count {
                (buffer.baseAddress?.advanced(by: column))?.initialize(to: StoredValue(statement, Int32(column)))
            }
            used = count
        }
    }

    subscript<Column: StoredColumn>(column: Int) -> Column? { Column(values[column]) }
    subscript<Column: StoredColumn>(column: Int) -> Column { Column(values[column]) ?? Column.absent }

    func isNull(_ column: Int) -> Bool { if case .null = values[column] { true } else { false } }

    /// Bytes of a column; empty for NULL.
    func bytes(_ column: Int) -> [UInt8] {
        switch values[column] {
        case .blob(let bytes): bytes
        case .hash(let hash): hash.bytes
        case .text(let text): Array(text.utf8)
        default: []
        }
    }

    /// Text of a column that holds UTF-8 bytes; empty for NULL.
    func text(_ column: Int) -> String { self[column] }

    func hash(_ column: Int) -> ObjectHash? { if case .hash(let hash) = values[column] { hash } else { nil } }

    func number(_ column: Int) -> EntryNumber { EntryNumber(bitPattern: self[column] as Int64) }
}

extension StoredValue {
    /// Copies a column: what SQLite gives lives only until the next step (sqlite3_column_blob).
    init(_ statement: OpaquePointer, _ column: Int32) {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: self = .integer(sqlite3_column_int64(statement, column))
        case SQLITE_FLOAT: self = .real(sqlite3_column_double(statement, column))
        case SQLITE_TEXT: self = .text(String(decoding: Self.bytes(statement, column), as: UTF8.self))
        case SQLITE_BLOB:
            let bytes = Self.bytes(statement, column)
            self = ObjectHash(bytes).map(Self.hash) ?? .blob(Array(bytes))
        default: self = .null
        }
    }

    private static func bytes(_ statement: OpaquePointer, _ column: Int32) -> UnsafeRawBufferPointer {
        let start = sqlite3_column_blob(statement, column)
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
    }
}
