import ClusterModel
import HadoopProtos
import ModelConversion
import ResourceManager
import ResourceManagerCore
import StateStore
import SwiftProtobuf
import Testing

@Suite struct RecordCodingTests {
    typealias Core = ResourceManagerCore

    private static let application = ApplicationID(clusterTimestamp: 1_795_444_458_112, number: 3)
    private static let attempt = ApplicationAttemptID(application: application, number: 2)

    private static func submission() throws -> ApplicationSubmission {
        var context = ApplicationSubmissionContextProto()
        context.applicationID = self.application.proto
        context.applicationName = "pi"
        context.resource = ResourceVector(memoryMiB: 512, vcores: 1).proto
        return try ApplicationSubmission(context: OpaqueBytes(context.serializedBytes()), user: "alice")
    }

    private static func records() throws -> [Core.Record] {
        [
            .application(
                Core.ApplicationRecord(
                    submission: try self.submission(),
                    queuePath: "root.default",
                    submittedAt: Timestamp(milliseconds: 10),
                    startedAt: Timestamp(milliseconds: 11),
                    launchedAt: Timestamp(milliseconds: 12),
                    finishedAt: Timestamp(milliseconds: 13),
                    priority: 4,
                    lifetimeEndsAt: Timestamp(milliseconds: 99),
                    finalState: .failed,
                    finalStatus: .failed,
                    diagnostics: "gone",
                    logAggregationStatus: .running,
                    nodeLogs: [
                        Core.NodeLogs(node: NodeID(host: "node1", port: 1), status: .failed),
                        Core.NodeLogs(node: NodeID(host: "node2", port: 1), status: .notStart),
                    ]
                )
            ),
            .attempt(
                Core.AttemptRecord(
                    id: self.attempt,
                    masterContainer: ContainerID(attempt: self.attempt, epoch: 1, sequence: 1),
                    masterNode: NodeID(host: "node1", port: 45_454),
                    masterNodeHTTPAddress: "node1:8042",
                    masterCapability: ResourceVector(memoryMiB: 1024, vcores: 1),
                    startedAt: Timestamp(milliseconds: 20),
                    finishedAt: Timestamp(milliseconds: 21),
                    finalState: .killed,
                    finalStatus: .killed,
                    exitStatus: .killedByResourceManager,
                    countsAsFailure: true,
                    diagnostics: "killed",
                    host: "node1",
                    rpcPort: 4040,
                    trackingURL: "http://node1:4040",
                    progress: 0.5,
                    memoryMiBMilliseconds: 1 << 40,
                    vcoreMilliseconds: 7
                )
            ),
            .masterKeys(
                Core.MasterKeysRecord(
                    kind: .delegation,
                    current: MasterKey(id: -7, bytes: [1, 2]),
                    next: MasterKey(id: 8, bytes: [3]),
                    nextActivatesAt: Timestamp(milliseconds: 5),
                    rollsAt: Timestamp(milliseconds: 6),
                    retired: [Core.RetiredKey(key: MasterKey(id: 1, bytes: [9]), dropsAt: Timestamp(milliseconds: 4))]
                )
            ),
            .delegationToken(
                Core.DelegationTokenRecord(
                    token: DelegationToken(
                        owner: "alice",
                        renewer: "yarn",
                        realUser: "oozie",
                        issuedAt: Timestamp(milliseconds: 1),
                        maximumDate: Timestamp(milliseconds: 2),
                        sequenceNumber: 3,
                        keyID: -7,
                        expiresAt: Timestamp(milliseconds: 4)
                    )
                )
            ),
            .epoch(Core.EpochRecord(next: 5, delegationSequenceNumber: 3)),
        ]
    }

    private static func rows(_ record: Core.Record) -> [StoredRecord] {
        RecordCoding.operations(for: record).compactMap { operation in
            guard case .put(let row) = operation else { return nil }
            return row
        }
    }

    @Test func `every record comes back from its row as it was`() throws {
        for record in try Self.records() {
            #expect(try RecordCoding.records(from: Self.rows(record), path: "x") == [record])
        }
    }

    @Test func `fields that a newer build wrote are kept through reading and writing`() throws {
        // Field 900, a varint.
        let unknown: [UInt8] = [0xA0, 0x38, 0x2A]
        for record in try Self.records() {
            var row = try #require(Self.rows(record).first)
            row.bytes += unknown
            let read = try RecordCoding.records(from: [row], path: "x")
            let written = try #require(read.first.map(Self.rows)?.first)
            #expect(written.bytes.suffix(unknown.count) == unknown[...], "\(row.kind)")
            #expect(try RecordCoding.records(from: [written], path: "x") == read)
        }
    }

    @Test func `a row of a newer layout is refused and an unknown kind is left alone`() throws {
        var row = try #require(try Self.rows(Self.records()[0]).first)
        row.version = 99
        let error = #expect(throws: StateStoreError.self) { try RecordCoding.records(from: [row], path: "the path") }
        #expect(error?.reason == .newerFormat)
        #expect(error?.description.contains("the path") == true)
        let foreign = StoredRecord(kind: "reservation", key: "1", version: 99, bytes: [0xFF])
        #expect(try RecordCoding.records(from: [foreign], path: "x").isEmpty)
    }

    @Test func `a row that is no such message is named`() throws {
        var row = try #require(try Self.rows(Self.records()[1]).first)
        row.bytes = [0xFF, 0xFF]
        let error = #expect(throws: StateStoreError.self) { try RecordCoding.records(from: [row], path: "x") }
        #expect(error?.reason == .corrupt)
        #expect(error?.description.contains("\(Self.attempt)") == true)
    }

    @Test func `removing an application removes its attempts and no other's`() async throws {
        let folder = try TemporaryFolder()
        let store = try StateStore.open(folder.file("state.db"))
        let other = ApplicationAttemptID(
            application: ApplicationID(clusterTimestamp: 1_795_444_458_112, number: 30_001),
            number: 1
        )
        var operations = try Self.records().flatMap(RecordCoding.operations)
        operations += RecordCoding.operations(
            for: .attempt(Core.AttemptRecord(id: other, startedAt: Timestamp(milliseconds: 1)))
        )
        operations += RecordCoding.operations(for: .applicationRemoved(Self.application))
        #expect(try await store.commit(operations, fence: store.fence) == .committed)
        let left = try RecordCoding.records(from: store.load(), path: store.path)
        let attempts = left.compactMap { record -> ApplicationAttemptID? in
            guard case .attempt(let attempt) = record else { return nil }
            return attempt.id
        }
        #expect(attempts == [other])
        #expect(left.count == 4)
        store.close()
    }
}
