import NIOHTTP1
import StagingCore
import TestSupport
import Testing

/// Every operation of Hadoop 3.4's WebHDFS has an answer: what it asks for, or an exception that Hadoop's client knows.
@Suite struct OperationTests {
    /// Method, operation with what it needs, and the status; the ones below 400 do what they say.
    private static let done: [(String, String, Int)] = [
        ("GET", "OPEN", 200), ("GET", "GETFILESTATUS", 200), ("GET", "LISTSTATUS", 200),
        ("GET", "LISTSTATUS_BATCH", 200), ("GET", "GETCONTENTSUMMARY", 200), ("GET", "GETQUOTAUSAGE", 200),
        ("GET", "GETFILECHECKSUM", 200), ("GET", "GETHOMEDIRECTORY", 200), ("GET", "GETDELEGATIONTOKEN", 200),
        ("GET", "GET_BLOCK_LOCATIONS", 200), ("GET", "GETFILEBLOCKLOCATIONS", 200), ("GET", "GETACLSTATUS", 200),
        ("GET", "GETXATTRS", 200), ("GET", "LISTXATTRS", 200), ("GET", "GETTRASHROOT", 200),
        ("GET", "CHECKACCESS&fsaction=r--", 200), ("GET", "GETSERVERDEFAULTS", 200), ("GET", "GETSTATUS", 200),
        ("GET", "GETFILELINKSTATUS", 200), ("PUT", "CREATE&overwrite=true", 307),
        ("PUT", "SETREPLICATION&replication=2", 200), ("PUT", "SETOWNER&owner=bob", 200),
        ("PUT", "SETPERMISSION&permission=600", 200), ("PUT", "SETTIMES&modificationtime=1", 200),
        ("PUT", "SETXATTR&xattr.name=user.a&flag=CREATE", 200), ("PUT", "RENAME&destination=/g", 200),
        ("POST", "APPEND", 307), ("POST", "TRUNCATE&newlength=0", 200), ("DELETE", "DELETE", 200),
    ]

    @Test(arguments: done)
    func `what a staging server has works on a file`(method: String, operation: String, status: Int) async throws {
        try await ServerFixture.with { server in
            _ = try await server.write("/f", "text")
            let answer = try await server.call(method, "/f?op=\(operation)")
            #expect(answer.status == status, "\(operation): \(answer.body)")
        }
    }

    @Test(
        arguments: [
            ("GET", "GETALLSTORAGEPOLICY"), ("GET", "GETSTORAGEPOLICY"), ("GET", "GETECPOLICY"),
            ("GET", "GETECPOLICIES"), ("GET", "GETECCODECS"), ("GET", "GETSNAPSHOTDIFF"),
            ("GET", "GETSNAPSHOTDIFFLISTING"), ("GET", "GETSNAPSHOTTABLEDIRECTORYLIST"), ("GET", "GETSNAPSHOTLIST"),
            ("GET", "GETLINKTARGET"), ("GET", "GETTRASHROOTS"), ("PUT", "CREATESYMLINK"), ("PUT", "ENABLEECPOLICY"),
            ("PUT", "DISABLEECPOLICY"), ("PUT", "SETECPOLICY"), ("PUT", "ALLOWSNAPSHOT"), ("PUT", "DISALLOWSNAPSHOT"),
            ("PUT", "CREATESNAPSHOT"), ("PUT", "RENAMESNAPSHOT"), ("PUT", "SETSTORAGEPOLICY"),
            ("PUT", "SATISFYSTORAGEPOLICY"), ("PUT", "SETQUOTABYSTORAGETYPE"), ("POST", "UNSETSTORAGEPOLICY"),
            ("POST", "UNSETECPOLICY"), ("DELETE", "DELETESNAPSHOT"),
        ]
    )
    func `what it does not have is refused in a way that clients go on after`(
        method: String,
        operation: String
    ) async throws {
        try await ServerFixture.with { server in
            let answer = try await server.call(method, "/?op=\(operation)")
            #expect(answer.status == 400)
            #expect(answer.body.contains("java.lang.UnsupportedOperationException"), "\(operation): \(answer.body)")
        }
    }

    @Test(
        arguments: [
            ("MODIFYACLENTRIES&aclspec=user:carol:rwx", #"["user:bob:r--","user:carol:rwx","group::r--"]"#, "674"),
            (
                "SETACL&aclspec=user::rw-,user:carol:--x,group::---,other::---", #"["user:carol:--x","group::---"]"#,
                "610"
            ),
            ("REMOVEACLENTRIES&aclspec=user:bob", #"["group::r--"]"#, "644"),
            ("REMOVEDEFAULTACL", #"["user:bob:r--","group::r--"]"#, "644"),
            ("REMOVEACL", "[]", "644"),
        ]
    )
    func `access control lists are changed, shown and kept`(call: String, entries: String, mode: String) async throws {
        try await ServerFixture.with { server in
            _ = try await server.write("/f", "text")
            let first = try await server.call("PUT", "/f?op=MODIFYACLENTRIES&aclspec=user:bob:r--")
            #expect(first.status == 200 && first.body.isEmpty)
            #expect(try await server.call("PUT", "/f?op=\(call)").status == 200)
            let expected =
                #"{"AclStatus":{"entries":\#(entries),"group":"supergroup","owner":"hdfs","permission":"\#(mode)","#
                + #""stickyBit":false}}"#
            #expect(try await server.call("GET", "/f?op=GETACLSTATUS").body == expected)
            let isListed = try await server.call("GET", "/f?op=GETFILESTATUS").body.contains(#""aclBit":true"#)
            #expect(isListed == (entries != "[]"))
            try await server.stop()
            try await server.start()
            #expect(try await server.call("GET", "/f?op=GETACLSTATUS").body == expected)
        }
    }

    @Test func `access control lists decide, and refusals are HDFS's`() async throws {
        try await ServerFixture.with { server in
            _ = try await server.write("/f", "text", options: "&permission=600")
            #expect(try await server.call("GET", "/f?op=OPEN", user: "bob").status == 403)
            #expect(try await server.call("PUT", "/f?op=MODIFYACLENTRIES&aclspec=user:bob:r--").status == 200)
            #expect(try await server.call("GET", "/f?op=OPEN", user: "bob").body == "text")
            #expect(try await server.call("GET", "/f?op=OPEN", user: "carol").status == 403)
            let foreign = try await server.call("PUT", "/f?op=REMOVEACL", user: "bob")
            #expect(foreign.status == 403 && foreign.body.contains("AccessControlException"))
            let impossible = try await server.call("PUT", "/f?op=SETACL&aclspec=user:bob:r--")
            #expect(
                impossible.status == 403 && impossible.body.contains("org.apache.hadoop.hdfs.protocol.AclException")
            )
            #expect(try await server.call("PUT", "/f?op=SETACL&aclspec=robot:bob:r--").status == 400)
            #expect(try await server.call("PUT", "/f?op=SETACL").status == 400)
        }
    }

    @Test func `what a default list gives to new files goes by the mode before the umask`() async throws {
        try await ServerFixture.with { server in
            _ = try await server.call("PUT", "/d?op=MKDIRS&permission=700")
            _ = try await server.call("PUT", "/d?op=MODIFYACLENTRIES&aclspec=default:user:bob:rwx,user:bob:rwx")
            _ = try await server.write("/d/f", "x", options: "&permission=644&unmaskedpermission=666")
            let file = try await server.call("GET", "/d/f?op=GETACLSTATUS").body
            #expect(file.contains(#""entries":["user:bob:rwx","group::---"]"#) && file.contains(#""permission":"660""#))
            _ = try await server.call("PUT", "/d/sub?op=MKDIRS&permission=755&unmaskedpermission=777")
            let folder = try await server.call("GET", "/d/sub?op=GETACLSTATUS").body
            #expect(folder.contains(#""default:user:bob:rwx""#) && folder.contains(#""permission":"770""#))
        }
    }

    @Test func `the same content a thousand times is stored once`() async throws {
        try await ServerFixture.with { server in
            for number in 0..<1_000 { #expect(try await server.write("/many/f\(number)", "the same") == 201) }
            #expect(try server.contentCount() == 1)
            #expect(try server.files(below: "streams").isEmpty)
            #expect(try await server.read("/many/f999") == "the same")
            _ = try await server.call("DELETE", "/many?op=DELETE&recursive=true")
            try await eventually("the content is gone") { try server.contentCount() == 0 }
        }
    }
}
