import ClusterModel
import NodeManagerCore
import Testing

@testable import NodeManager

@Suite struct ShuffleRequestTests {
    private static let application = ApplicationID(clusterTimestamp: 1_700_000_000_000, number: 7)
    private static let path = ShuffleFixture.path(Self.application, partition: 2, mapTask: 40, frame: 5, limit: 4_096)

    @Test func `a path is read`() throws {
        let request = try #require(ShuffleRequest(path: Self.path))
        #expect(request.application == Self.application)
        #expect(request.executor == 3)
        #expect(request.digest == ShuffleFixture.digest)
        #expect([request.partition, request.mapTask, request.frame] == [2, 40, 5])
        #expect(request.limit == 4_096)
    }

    @Test func `no other beginning of it is a request for that file, and nothing may follow`() {
        let bytes = Array(Self.path.utf8)
        for length in 0..<bytes.count {
            let request = ShuffleRequest(path: String(decoding: bytes[..<length], as: UTF8.self))
            #expect(request == nil || request?.limit != 4_096, "\(length)")
        }
        for more in ["/", "/1", " ", "x", "?", "%30"] {
            #expect(ShuffleRequest(path: Self.path + more) == nil, "\(more)")
        }
    }

    @Test(arguments: [
        ("/v1/", "/v2/"), ("/v1/", "v1/"), ("/v1/", "/v1//"), ("/v1/", "//v1/"), ("_0007/", "_7/"),
        ("_0007/", "_00007/"),
        ("_0007/", "_0007/../"), ("application_", "application-"), ("_0007/", "_+007/"), ("/3/shuffle", "/03/shuffle"),
        ("/3/shuffle", "/+3/shuffle"), ("/3/shuffle", "/-1/shuffle"), ("/3/shuffle", "/2147483648/shuffle"),
        ("/3/shuffle", "/99999999999999999999999/shuffle"), ("/3/shuffle", "/../shuffle"), ("/3/shuffle", "/./shuffle"),
        ("/3/shuffle", "//shuffle"), ("/3/shuffle", "/3/Shuffle"), ("/3/shuffle", "/3/kept"),
        ("/3/shuffle", "/٣/shuffle"),
        ("0f0f/", "0F0F/"), ("0f0f/", "0f0f0/"), ("0f0f/", "0f0/"), ("0f0f/", "0f0g/"), ("0f0f/", "0f../"),
        ("/2/40/", "/2//"), ("/40/5/4096", "/40/5/1099511627777"), ("/40/5/4096", "/40/5/-1"),
        ("/40/5/4096", "/40/5/4 "),
        ("/40/5/4096", "/40/2147483648/4096"), ("/40/5/4096", "/2147483648/5/4096"), ("/40/5/4096", "/40/5/0x10"),
    ])
    func `what is written otherwise is no request`(part: String, other: String) {
        let path = Self.path.replacing(part, with: other)
        #expect(path != Self.path)
        #expect(ShuffleRequest(path: path) == nil)
    }

    @Test func `the largest numbers are read`() throws {
        let path = ShuffleFixture.path(
            Self.application,
            executor: 2_147_483_647,
            partition: 2_147_483_647,
            mapTask: 2_147_483_647,
            frame: 2_147_483_647,
            limit: 1 << 40
        )
        #expect(try #require(ShuffleRequest(path: path)).limit == 1 << 40)
        #expect(ShuffleRequest(path: ShuffleFixture.path(Self.application, executor: 0, mapTask: 0, limit: 0)) != nil)
    }

    @Test func `names of files are read by grammar`() {
        #expect(ShuffleRequest.mapTask(of: "0") == 0)
        #expect(ShuffleRequest.mapTask(of: "2147483647") == 2_147_483_647)
        for name in ["", "-", ".1", "1.tmp", "01", "-1", "+1", "2147483648", "1/..", "1 ", "0x1", "\u{661}"] {
            #expect(ShuffleRequest.mapTask(of: name) == nil, "\(name)")
        }
    }
}
