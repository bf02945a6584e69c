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

    @Test func `names of files are read by grammar`() throws {
        let request = try #require(ShuffleRequest(path: Self.path))
        let digest = ShuffleFixture.digest
        #expect(request.mapTask(of: "\(digest)-0") == 0)
        #expect(request.mapTask(of: "\(digest)-2147483647") == 2_147_483_647)
        for name in [
            "", digest, "\(digest)-", ".\(digest)-1", "\(digest)-1.tmp", "\(digest)-01", "\(digest)--1", "\(digest)-+1",
            "\(digest)-2147483648", "\(digest)_1", "\(digest)-1/..", "\(digest)0-1", String(digest.dropLast()) + "-1",
            String(repeating: "0e", count: 32) + "-1", digest.uppercased() + "-1",
        ] {
            #expect(request.mapTask(of: name) == nil, "\(name)")
        }
    }

    @Test func `a signature is the HMAC of method and path, and no other is right`() {
        let secret = ShuffleSecret(application: Self.application, password: Array("secret".utf8))
        // printf 'GET /v1/x' | openssl dgst -sha256 -hmac secret -binary | base64
        let right = "sT4vZm7CR4tr4uOdtCsZKd6fkk/dYifQqXn9A4RCrdA="
        #expect(secret.signed("/v1/x", right))
        #expect(!secret.signed("/v1/y", right))
        for wrong in [nil, "", "=", String(right.dropLast()), right + "=", right + " ", "AAAA", right.lowercased()] {
            #expect(!secret.signed("/v1/x", wrong), "\(wrong ?? "none")")
        }
        let other = ShuffleSecret(application: Self.application, password: Array("Secret".utf8))
        #expect(!other.signed("/v1/x", right))
    }
}
