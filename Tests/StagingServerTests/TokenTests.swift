import NIOHTTP1
import StagingCore
import TestSupport
import Testing

@Suite struct TokenTests {
    @Test func `without the setting there is no token, and no error`() async throws {
        try await ServerFixture.with { server in
            let answer = try await server.call("GET", "/?op=GETDELEGATIONTOKEN&renewer=yarn")
            #expect(answer.status == 200 && answer.body == #"{"Token":null}"#)
        }
    }

    @Test func `a token lets its holder act as its owner, also after a restart`() async throws {
        try await ServerFixture.with(issuesTokens: true) { server in
            let token = try await Self.token(server, "alice")
            let made = try await server.call("PUT", "/user/alice/x?op=MKDIRS&delegation=\(token)", user: nil)
            #expect(made.status == 200)
            // Whoever the caller says to be.
            let home = try await server.call("GET", "/?op=GETHOMEDIRECTORY&delegation=\(token)", user: "hdfs")
            #expect(home.body == #"{"Path":"/user/alice"}"#)
            // Both steps of an upload carry it.
            let first = try await server.call("PUT", "/user/alice/f?op=CREATE&delegation=\(token)", user: nil)
            #expect(try await server.send("abc", to: first) == 201)
            try await server.stop()
            try await server.start()
            let list = try await server.call("GET", "/user/alice?op=LISTSTATUS&delegation=\(token)", user: nil)
            #expect(list.body.contains(#""owner":"alice","pathSuffix":"f""#))
        }
    }

    @Test func `only its renewer extends a token, and a cancelled one is never good again`() async throws {
        try await ServerFixture.with(issuesTokens: true) { server in
            let token = try await Self.token(server, "alice")
            let renew = "/?op=RENEWDELEGATIONTOKEN&token=\(token)"
            #expect(try await server.call("PUT", renew, user: "yarn").body.hasPrefix(#"{"long":"#))
            #expect(try await server.call("PUT", renew, user: "alice").status == 403)
            let cancel = "/?op=CANCELDELEGATIONTOKEN&token=\(token)"
            #expect(try await server.call("PUT", cancel, user: "mallory").status == 403)
            #expect(try await server.call("PUT", cancel, user: "yarn").status == 200)
            let after = try await server.call("GET", "/?op=LISTSTATUS&delegation=\(token)", user: nil)
            #expect(after.status == 403)
            #expect(after.body.contains("org.apache.hadoop.security.token.SecretManager$InvalidToken"))
            let next = try await Self.token(server, "alice")
            #expect(next != token)
            #expect(try await server.call("GET", "/?op=LISTSTATUS&delegation=\(token)", user: nil).status == 403)
        }
    }

    @Test func `a token that is not this server's, or not whole, is nothing`() async throws {
        try await ServerFixture.with(issuesTokens: true) { server in
            let token = try await Self.token(server, "alice")
            // Every character of the identifier and of the password.
            let letters = Array(token)
            for place in stride(from: 0, to: 60, by: 7) {
                var forged = letters
                forged[place] = forged[place] == "A" ? "B" : "A"
                let path = "/?op=LISTSTATUS&delegation=\(String(forged))"
                #expect(try await server.call("GET", path, user: "hdfs").status == 403, "\(place)")
            }
            for text in ["x", String(token.dropLast(9)), token + "AAAA"] {
                #expect(try await server.call("GET", "/?op=LISTSTATUS&delegation=\(text)").status == 403)
            }
        }
    }

    @Test func `a token gives no further token`() async throws {
        try await ServerFixture.with(issuesTokens: true) { server in
            let token = try await Self.token(server, "alice")
            let path = "/?op=GETDELEGATIONTOKEN&renewer=yarn&delegation=\(token)"
            #expect(try await server.call("GET", path, user: nil).status == 403)
        }
    }

    static func token(_ server: ServerFixture, _ user: String) async throws -> String {
        let body = try await server.call("GET", "/?op=GETDELEGATIONTOKEN&renewer=yarn", user: user).body
        let parts = body.split(separator: "\"")
        #expect(parts.count == 7 && parts[3] == "urlString", "\(body)")
        return String(try #require(parts.dropFirst(5).first))
    }
}
