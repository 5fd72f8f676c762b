internal import GRDB
internal import GRDBSQLite

/// Statements that GRDB prepares once a connection, bound and stepped by SQLite's own calls: indexing runs forty for a
/// message, and each costs a third of what it costs by way of GRDB's rows and `Data`.
extension Database {
    /// Runs a statement.
    func run(_ sql: String, _ arguments: (any Bindable)?...) throws {
        try step(sql, arguments) { _ in false }
    }

    /// The first row of a query.
    func row(_ sql: String, _ arguments: (any Bindable)?...) throws -> StoredRow? {
        var first: StoredRow?
        try step(sql, arguments) { statement in
            first = StoredRow(statement)
            return false
        }
        return first
    }

    /// All rows of a query.
    func rows(_ sql: String, _ arguments: (any Bindable)?...) throws -> [StoredRow] {
        var rows: [StoredRow] = []
        try step(sql, arguments) { statement in
            rows.append(StoredRow(statement))
            return true
        }
        return rows
    }

    /// Each row of a query, one at a time; `body` must not run the same query.
    func forEachRow(_ sql: String, _ arguments: (any Bindable)?..., body: (StoredRow) throws -> Void) throws {
        try step(sql, arguments) { statement in
            try body(StoredRow(statement))
            return true
        }
    }

    /// Steps through a statement until there is no row any more, or `body` wants none.
    private func step(
        _ sql: String,
        _ arguments: [(any Bindable)?],
        _ body: (OpaquePointer) throws -> Bool
    ) throws {
        let statement = try cachedStatement(sql: sql).sqliteStatement
        defer { sqlite3_reset(statement) }
        for (index, argument) in arguments.enumerated() {
            let place = Int32(index + 1)
            try check(argument?.bind(to: statement, at: place) ?? sqlite3_bind_null(statement, place), sql)
        }
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: if try !body(statement) { return }
            case SQLITE_DONE: return
            case let code: try check(code, sql)
            }
        }
    }

    private func check(_ code: Int32, _ sql: String) throws {
        guard code != SQLITE_OK else { return }
        throw DatabaseError(resultCode: ResultCode(rawValue: code), message: lastErrorMessage, sql: sql)
    }
}
