import NIOHTTP1
import StagingCore
import TestSupport
import Testing

/// The fixture lets `oozie` act for everybody but `hdfs`.
@Suite struct ImpersonationTests {
    @Test func `who may act for another one does so as that one`() async throws {
        try await ServerFixture.with { server in
            let made = try await server.call("PUT", "/user/alice/x?op=MKDIRS&doas=alice", user: "oozie")
            #expect(made.status == 200)
            #expect(try await server.call("GET", "/user?op=LISTSTATUS").body.contains(#""owner":"alice""#))
            let home = try await server.call("GET", "/?op=GETHOMEDIRECTORY&doas=alice", user: "oozie")
            #expect(home.body == #"{"Path":"/user/alice"}"#)
            // Both steps of an upload.
            let first = try await server.call("PUT", "/user/alice/f?op=CREATE&doas=alice", user: "oozie")
            #expect(try await server.send("abc", to: first) == 201)
        }
    }

    @Test func `who may not is refused by Hadoop's exception, with the reason`() async throws {
        try await ServerFixture.with { server in
            for (user, other) in [("mallory", "alice"), ("oozie", "hdfs")] {
                let answer = try await server.call("GET", "/?op=LISTSTATUS&doas=\(other)", user: user)
                #expect(answer.status == 403)
                #expect(answer.body.contains("org.apache.hadoop.security.authorize.AuthorizationException"))
                #expect(answer.body.contains("\(user) may not be \(other) from 127.0.0.1"))
            }
            #expect(try await server.call("GET", "/?op=LISTSTATUS&doas=..%2Fx", user: "oozie").status == 400)
            // For oneself nobody needs leave.
            #expect(try await server.call("GET", "/?op=LISTSTATUS&doas=mallory", user: "mallory").status == 200)
        }
    }

    @Test func `a token that was asked for on somebody's behalf is theirs, and lets nobody act for others`()
        async throws
    {
        try await ServerFixture.with(issuesTokens: true) { server in
            let path = "/?op=GETDELEGATIONTOKEN&renewer=oozie&doas=alice"
            let parts = try await server.call("GET", path, user: "oozie").body.split(separator: "\"")
            let token = String(try #require(parts.dropFirst(5).first))
            let home = try await server.call("GET", "/?op=GETHOMEDIRECTORY&delegation=\(token)", user: nil)
            #expect(home.body == #"{"Path":"/user/alice"}"#)
            let other = try await server.call(
                "GET",
                "/?op=GETHOMEDIRECTORY&doas=bob&delegation=\(token)",
                user: "oozie"
            )
            #expect(other.status == 403 && other.body.contains("User: alice is not allowed to impersonate bob"))
        }
    }
}
