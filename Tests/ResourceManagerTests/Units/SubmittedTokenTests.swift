import ClusterModel
import Foundation
import HadoopProtos
import HadoopWire
import ResourceManager
import ResourceManagerCore
import SwiftProtobuf
import Testing

/// The WebHDFS tokens of a submission, as the core is told of them.
@Suite struct SubmittedTokenTests {
    private static let identifier = HDFSTokenIdentifier(
        owner: "ann",
        renewer: "yarn",
        realUser: "",
        issueDate: Timestamp(milliseconds: 1_700_000_000_000),
        maxDate: Timestamp(milliseconds: 1_700_600_000_000),
        sequenceNumber: 7,
        masterKeyID: 2
    )

    private static func token(kind: String, identifier: [UInt8]? = nil) -> HadoopToken {
        HadoopToken(
            identifier: identifier ?? self.identifier.bytes,
            password: [1, 2, 3],
            kind: kind,
            service: "10.0.0.1:9870"
        )
    }

    private static func submission(
        credentials: [UInt8],
        _ change: (inout ApplicationSubmissionContextProto) -> Void = { _ in }
    ) throws -> ApplicationSubmission {
        var context = TestResourceManager.context(ApplicationID(clusterTimestamp: 1, number: 1))
        context.amContainerSpec.tokens = Data(credentials)
        change(&context)
        return try ApplicationSubmission(context: OpaqueBytes(context.serializedBytes()), user: "ann")
    }

    @Test func `of all credentials those of WebHDFS are known, with what a renewal needs`() throws {
        var credentials = Credentials()
        let plain = Self.token(kind: "WEBHDFS delegation")
        credentials.set(plain, alias: "a")
        credentials.set(Self.token(kind: "SWEBHDFS delegation"), alias: "b")
        credentials.set(Self.token(kind: "HDFS_DELEGATION_TOKEN"), alias: "c")
        credentials.set(Self.token(kind: "WEBHDFS delegation", identifier: [9, 9]), alias: "d")
        let submission = try Self.submission(credentials: credentials.bytes)
        #expect(submission.cancelsTokens)
        #expect(submission.webTokens.map(\.isSecure) == [false, true])
        #expect(
            submission.webTokens.first
                == RenewableToken(
                    service: "10.0.0.1:9870",
                    renewer: "yarn",
                    owner: "ann",
                    number: 7,
                    maximumDate: Self.identifier.maxDate,
                    text: plain.urlString
                )
        )
        #expect(submission.webTokens.first.map { "\($0)" } == "WEBHDFS delegation token 7 of ann for 10.0.0.1:9870")
    }

    @Test func `a client may want its tokens kept`() throws {
        let submission = try Self.submission(credentials: []) { $0.cancelTokensWhenComplete = false }
        #expect(!submission.cancelsTokens && submission.webTokens.isEmpty)
    }

    @Test(arguments: [[], [1], Array("HDTS".utf8), Array("HDTS".utf8) + [0, 5], [UInt8](repeating: 255, count: 64)])
    func `credentials that cannot be read have none`(bytes: [UInt8]) throws {
        #expect(try Self.submission(credentials: bytes).webTokens.isEmpty)
    }
}
