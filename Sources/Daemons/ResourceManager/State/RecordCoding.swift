import ClusterModel
import Foundation
import HadoopProtos
import ModelConversion
package import ResourceManagerCore
package import StateStore
import SwiftProtobuf

/// The core's records as rows of the store, and back. The messages are those of heddle_state.proto.
///
/// A record's unknown fields are appended to its message as they were read: in protobuf, parts of a message that follow
/// one another are one message.
package enum RecordCoding {
    typealias Core = ResourceManagerCore

    /// Layout that this build writes. Added fields do not raise it; a row with a higher one is not understood.
    static let version = 1

    enum Kind: String {
        case application
        case attempt
        case masterKeys
        case delegationToken
        case epoch
    }

    /// What a record changes in the store.
    package static func operations(for record: ResourceManagerCore.Record) -> [StoreOperation] {
        switch record {
        case .application(let record):
            [self.put(.application, "\(record.submission.id)", record.proto, record.unknownFields)]
        case .applicationRemoved(let id):
            [
                .remove(kind: Kind.application.rawValue, key: "\(id)"),
                .removeAll(kind: Kind.attempt.rawValue, keyPrefix: self.attemptKeyPrefix(id)),
            ]
        case .attempt(let record):
            [self.put(.attempt, "\(record.id)", record.proto, record.unknownFields)]
        case .masterKeys(let record):
            [self.put(.masterKeys, "\(record.kind.rawValue)", record.proto, record.unknownFields)]
        case .delegationToken(let record):
            [self.put(.delegationToken, "\(record.token.sequenceNumber)", record.proto, record.unknownFields)]
        case .delegationTokenRemoved(let sequenceNumber):
            [.remove(kind: Kind.delegationToken.rawValue, key: "\(sequenceNumber)")]
        case .epoch(let record):
            [self.put(.epoch, "epoch", record.proto, record.unknownFields)]
        }
    }

    /// What the keys of an application's attempts begin with.
    private static func attemptKeyPrefix(_ application: ApplicationID) -> String {
        let first = "\(ApplicationAttemptID(application: application, number: 1))"
        return first.lastIndex(of: "_").map { String(first[...$0]) } ?? first
    }

    private static func put(
        _ kind: Kind,
        _ key: String,
        _ message: some SwiftProtobuf.Message,
        _ unknownFields: OpaqueBytes
    ) -> StoreOperation {
        // Only a missing required field can stop the encoding, and these messages have none of ours unset.
        let bytes = (try? message.serializedBytes() as [UInt8]) ?? []
        return .put(
            StoredRecord(kind: kind.rawValue, key: key, version: self.version, bytes: bytes + unknownFields.bytes)
        )
    }

    /// Reads the rows of a store.
    /// - Throws: `StateStoreError` that names the row when one is of a newer layout or no such message. Rows of kinds
    ///   unknown to this build are left alone.
    package static func records(
        from rows: [StoredRecord],
        path: String
    ) throws(StateStoreError) -> [ResourceManagerCore.Record] {
        var records: [Core.Record] = []
        records.reserveCapacity(rows.count)
        for row in rows {
            guard let kind = Kind(rawValue: row.kind) else { continue }
            guard row.version <= self.version else {
                throw StateStoreError(
                    reason: .newerFormat,
                    path: path,
                    detail: "\(row.kind) \(row.key) has layout \(row.version), this version knows \(self.version)"
                )
            }
            do {
                records.append(try self.record(kind, row.bytes))
            } catch {
                throw StateStoreError(reason: .corrupt, path: path, detail: "\(row.kind) \(row.key): \(error)")
            }
        }
        return records
    }

    private static func record(_ kind: Kind, _ bytes: [UInt8]) throws -> Core.Record {
        switch kind {
        case .application: .application(try .init(validating: ApplicationRecordProto(serializedBytes: bytes)))
        case .attempt: .attempt(try .init(validating: AttemptRecordProto(serializedBytes: bytes)))
        case .masterKeys: .masterKeys(try .init(validating: MasterKeysRecordProto(serializedBytes: bytes)))
        case .delegationToken:
            .delegationToken(try .init(validating: DelegationTokenRecordProto(serializedBytes: bytes)))
        case .epoch: .epoch(.init(try EpochRecordProto(serializedBytes: bytes)))
        }
    }
}

extension SwiftProtobuf.Message {
    /// Fields of the message that this build does not know, as they were read.
    var keptFields: OpaqueBytes { OpaqueBytes([UInt8](self.unknownFields.data)) }
}
