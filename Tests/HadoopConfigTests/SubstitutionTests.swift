import HadoopConfig
import Testing

@Suite struct SubstitutionTests {
    static let environment = ConfigurationEnvironment(
        variables: ["HOME": "/root", "EMPTY": ""],
        systemProperties: ["user.name": "ann", "java.io.tmpdir": "/tmp"]
    )

    /// Expected values are what Hadoop 3.3.4's Configuration gave for the same properties.
    @Test(arguments: [
        ("${j}", "jay"),
        ("a${j}b${j}c", "ajaybjayc"),
        ("${nope}", "${nope}"),
        ("a${nope}b${user.name}", "a${nope}b${user.name}"),
        ("${user.name}${nope}", "ann${nope}"),
        ("${env.HOME}", "/root"),
        ("${env.NOPE:-d1}", "d1"),
        ("${env.NOPE-d2}", "d2"),
        ("${env.EMPTY:-e1}", "e1"),
        ("${env.EMPTY-e2}", ""),
        ("${env.NOPE}", "${env.NOPE}"),
        ("${env.NOPE:-a-b:c}", "a-b:c"),
        ("${a${b}}", "ok"),
        ("${}", "${}"),
        ("$j {j} ${j", "$j {j} ${j"),
        ("${with space}", "${with space}"),
        ("$${j}", "$jay"),
        ("${java.io.tmpdir}/x", "/tmp/x"),
        ("${yarn.resourcemanager.hostname}", "0.0.0.0"),
    ])
    func `references are replaced as Hadoop replaces them`(raw: String, expected: String) throws {
        let configuration = Configuration(
            ["k": raw, "j": "jay", "b": "z", "az": "ok", "user.name": "never"],
            environment: Self.environment
        )
        #expect(try configuration.text(of: "k") == expected)
    }

    @Test func `a key may refer to one that a later file sets`() throws {
        let folder = try ConfigurationFolder([
            "core-site.xml": site(["k": "${later}"]), "yarn-site.xml": site(["later": "1"]),
        ])
        #expect(try folder.load().text(of: "k") == "1")
    }

    @Test func `nineteen references are replaced, twenty are called a circle`() throws {
        func text(_ count: Int) throws -> String? {
            let raw = String(repeating: "${v}", count: count)
            return try Configuration(["k": raw, "v": "z"], environment: Self.environment).text(of: "k")
        }
        #expect(try text(19) == String(repeating: "z", count: 19))
        #expect(throws: ConfigurationError.self) { try text(20) }
    }

    @Test func `keys that refer to each other end in an error that names file and line`() throws {
        let folder = try ConfigurationFolder(["core-site.xml": site(["j": "${k}y", "k": "${j}x"])])
        let configuration = try folder.load()
        do {
            _ = try configuration.text(of: "k")
            Issue.record("expected an error")
        } catch {
            #expect(error.description.hasPrefix("\(folder.file("core-site.xml")):3: error: k = \"${j}x\""))
            #expect(error.description.contains("in a circle"))
        }
    }

    @Test func `a value that doubles itself again and again is cut off`() throws {
        let block = String(repeating: "x", count: 100_000)
        var configuration = Configuration(environment: Self.environment)
        configuration.set("a0", block, source: "test")
        for level in 1...6 {
            configuration.set("a\(level)", "${a\(level - 1)}${a\(level - 1)}", source: "test")
        }
        #expect(throws: ConfigurationError.self) { try configuration.text(of: "a6") }
    }
}
