import Foundation
import GRDB

/// The tables of a store and the statements on them.
enum StoreSchema {
    /// Written into the file's header, so that another program's database is not taken for a store: "Hddl".
    private static let applicationID: Int32 = 0x4864_646C
    /// Layout of the tables, in the header's user version. Readers refuse a higher one.
    private static let layout: Int32 = 1

    static func prepare(_ database: DatabaseQueue, path: String) throws {
        try database.writeWithoutTransaction { database in
            try database.inTransaction(.immediate) {
                let layout = try Int32.fetchOne(database, sql: "PRAGMA user_version") ?? 0
                let application = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
                let isEmpty = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") == 0
                switch (isEmpty, application, layout) {
                case (true, _, _):
                    try self.create(in: database)
                case (false, self.applicationID, self.layout):
                    break
                case (false, self.applicationID, _):
                    throw StateStoreError(
                        reason: .newerFormat,
                        path: path,
                        detail: "its layout is \(layout), this version knows \(self.layout)"
                    )
                default:
                    throw StateStoreError(
                        reason: .inaccessible,
                        path: path,
                        detail: "it is a SQLite database of another program; name another file"
                    )
                }
                return .commit
            }
        }
    }

    private static func create(in database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE record (
                    kind TEXT NOT NULL,
                    key TEXT NOT NULL,
                    version INTEGER NOT NULL,
                    checksum INTEGER NOT NULL,
                    bytes BLOB NOT NULL,
                    PRIMARY KEY (kind, key)
                ) STRICT;
                CREATE TABLE owner (
                    id INTEGER PRIMARY KEY CHECK (id = 1),
                    token INTEGER NOT NULL
                ) STRICT;
                INSERT INTO owner (id, token) VALUES (1, 0);
                PRAGMA application_id = \(self.applicationID);
                PRAGMA user_version = \(self.layout);
                """
        )
    }

    /// Makes the caller the owner.
    /// - Returns: the token that its fence carries.
    static func takeOver(_ database: DatabaseQueue) throws -> Int64 {
        try database.writeWithoutTransaction { database in
            var token: Int64 = 0
            try database.inTransaction(.immediate) {
                try database.execute(sql: "UPDATE owner SET token = token + 1 WHERE id = 1")
                token = try self.owner(in: database)
                return .commit
            }
            return token
        }
    }

    static func owner(in database: Database) throws -> Int64 {
        let statement = try database.cachedStatement(sql: "SELECT token FROM owner WHERE id = 1")
        return try Int64.fetchOne(statement) ?? -1
    }

    static func apply(_ operation: StoreOperation, in database: Database) throws {
        switch operation {
        case .put(let record):
            let statement = try database.cachedStatement(
                sql: """
                    INSERT INTO record (kind, key, version, checksum, bytes) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (kind, key) DO UPDATE SET
                        version = excluded.version, checksum = excluded.checksum, bytes = excluded.bytes
                    """
            )
            let checksum = RecordChecksum.of(record)
            try statement.execute(
                arguments: [record.kind, record.key, record.version, checksum, Data(record.bytes)]
            )
        case .remove(let kind, let key):
            let statement = try database.cachedStatement(sql: "DELETE FROM record WHERE kind = ? AND key = ?")
            try statement.execute(arguments: [kind, key])
        case .removeAll(let kind, let prefix):
            // A range, so that the index is used; no key holds the last code point of Unicode.
            let statement = try database.cachedStatement(
                sql: "DELETE FROM record WHERE kind = ? AND key >= ? AND key < ?"
            )
            try statement.execute(arguments: [kind, prefix, prefix + "\u{10FFFF}"])
        }
    }

    /// - Parameter kinds: what is left out.
    static func records(in database: Database, except kinds: [String], path: String) throws -> [StoredRecord] {
        let places = kinds.map { _ in "?" }.joined(separator: ", ")
        let rows = try Row.fetchCursor(
            database,
            sql: "SELECT \(self.columns) FROM record WHERE kind NOT IN (\(places)) ORDER BY kind, key",
            arguments: StatementArguments(kinds)
        )
        var records: [StoredRecord] = []
        while let row = try rows.next() { records.append(try self.record(in: row, path: path)) }
        return records
    }

    static func sizes(of kind: String, in database: Database) throws -> [(key: String, bytes: Int)] {
        let sql = "SELECT key, length(bytes) FROM record WHERE kind = ? ORDER BY key"
        return try Row.fetchAll(database, sql: sql, arguments: [kind]).map { ($0[0], $0[1]) }
    }

    static func record(kind: String, key: String, in database: Database, path: String) throws -> StoredRecord? {
        let statement = try database.cachedStatement(
            sql: "SELECT \(self.columns) FROM record WHERE kind = ? AND key = ?"
        )
        return try Row.fetchOne(statement, arguments: [kind, key]).map { try self.record(in: $0, path: path) }
    }

    private static let columns = "kind, key, version, checksum, bytes"

    private static func record(in row: Row, path: String) throws -> StoredRecord {
        let bytes: Data = row[4]
        let record = StoredRecord(kind: row[0], key: row[1], version: row[2], bytes: [UInt8](bytes))
        let checksum: Int64 = row[3]
        guard checksum == RecordChecksum.of(record) else {
            throw StateStoreError(
                reason: .corrupt,
                path: path,
                detail: "the record \(record.kind) \(record.key) fails its checksum"
            )
        }
        return record
    }
}
