internal import Foundation
package import GRDB
package import Objects

/// Bytes as a BLOB.
///
/// Texts from outside are stored so as well: SQLite's text ends at the first NUL when it is bound.
struct StoredBytes: DatabaseValueConvertible {
    let bytes: [UInt8]

    init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }
    init(_ text: String) { bytes = Array(text.utf8) }

    var databaseValue: DatabaseValue { Data(bytes).databaseValue }

    static func fromDatabaseValue(_ value: DatabaseValue) -> Self? {
        Data.fromDatabaseValue(value).map { Self($0) }
    }
}

extension ObjectHash: DatabaseValueConvertible {
    package var databaseValue: DatabaseValue { Data(bytes).databaseValue }

    package static func fromDatabaseValue(_ value: DatabaseValue) -> Self? {
        Data.fromDatabaseValue(value).flatMap { Self(bytes: $0) }
    }
}

extension IDHash: DatabaseValueConvertible {
    package var databaseValue: DatabaseValue { objectHash.databaseValue }

    package static func fromDatabaseValue(_ value: DatabaseValue) -> Self? {
        ObjectHash.fromDatabaseValue(value).map { Self($0) }
    }
}

extension Row {
    /// Bytes of a column; empty for NULL.
    func bytes(_ column: Int) -> [UInt8] { (self[column] as Data?).map { Array($0) } ?? [] }

    /// Text of a column that holds UTF-8 bytes; empty for NULL.
    func text(_ column: Int) -> String { String(decoding: bytes(column), as: UTF8.self) }

    func hash(_ column: Int) -> ObjectHash? { self[column] as ObjectHash? }

    func isNull(_ column: Int) -> Bool { hasNull(atIndex: column) }

    private func hasNull(atIndex column: Int) -> Bool { (self[column] as DatabaseValue).isNull }

    func number(_ column: Int) -> EntryNumber { EntryNumber(bitPattern: self[column] as Int64) }
}

extension EntryNumber {
    /// As SQLite keeps it.
    var stored: Int64 { Int64(bitPattern: self) }
}

extension Database {
    /// Runs a statement that is prepared once a connection.
    func run(_ sql: String, _ arguments: (any DatabaseValueConvertible)?...) throws {
        try cachedStatement(sql: sql).execute(arguments: StatementArguments(arguments))
    }

    /// The first row of a query that is prepared once a connection.
    func row(_ sql: String, _ arguments: (any DatabaseValueConvertible)?...) throws -> Row? {
        try Row.fetchOne(cachedStatement(sql: sql), arguments: StatementArguments(arguments))
    }

    /// All rows of a query that is prepared once a connection.
    func rows(_ sql: String, _ arguments: (any DatabaseValueConvertible)?...) throws -> [Row] {
        try Row.fetchAll(cachedStatement(sql: sql), arguments: StatementArguments(arguments))
    }
}
