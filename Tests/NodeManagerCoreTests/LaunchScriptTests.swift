import ClusterModel
import Foundation
import Testing

@testable import NodeManagerCore

/// Scripts against those that a real NodeManager wrote for Spark, line by line.
@Suite struct LaunchScriptTests {
    /// `../shared/goldens` beside the repository.
    private static func golden(_ name: String) throws -> [String] {
        let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path = repository.deletingLastPathComponent().appending(path: "shared/goldens/\(name)")
        let text = try #require(
            try? String(contentsOf: path, encoding: .utf8),
            "\(path.path) is missing: the recorded scripts belong beside the repository"
        )
        return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private static let application = ApplicationID(clusterTimestamp: 1_795_444_560_522, number: 3)

    /// What the client must have sent for the user's part of a recorded script: references in the protocol's own form.
    private static func sent(_ value: String, log: String) -> String {
        value.replacing("$PWD", with: "{{PWD}}").replacing("$JAVA_HOME", with: "{{JAVA_HOME}}")
            .replacing(log, with: "<LOG_DIR>")
    }

    @Test(arguments: [("nm_launch_container_AM.sh", Int64(1)), ("nm_launch_container_executor.sh", 2)])
    func `a script has the recorded one's lines in its order`(name: String, number: Int64) throws {
        let golden = try Self.golden(name)
        let container = ContainerID(
            attempt: ApplicationAttemptID(application: Self.application, number: 1),
            epoch: 0,
            sequence: number
        )
        let log = "/grid/nm-logs/\(Self.application)/\(container)"
        let work = "/grid/nm-local/usercache/root/appcache/\(Self.application)/\(container)"
        let exports = golden.filter { $0.hasPrefix("export ") && !$0.contains("PRELAUNCH") }
        let inherited = exports.filter { $0.contains(":-\"") }
        let firstUser = try #require(exports.firstIndex { $0.hasPrefix("export MALLOC_ARENA_MAX") }) + 1
        let user = exports[firstUser...].compactMap { line -> EnvironmentVariable? in
            guard let match = line.wholeMatch(of: /export (\w+)="(.*)"/) else { return nil }
            return EnvironmentVariable(String(match.1), Self.sent(String(match.2), log: log))
        }
        #expect(user.count == exports.count - firstUser)
        let launch = try #require(golden.last { $0.hasPrefix("exec /bin/bash -c ") })
        let command = launch.dropFirst("exec /bin/bash -c \"".count).dropLast()

        var settings = NodeManagerSettings(
            capability: ResourceVector(memoryMiB: 1, vcores: 1),
            localDirectories: ["/grid/nm-local"],
            logDirectories: ["/grid/nm-logs"]
        )
        settings.inheritedEnvironment = inherited.compactMap { line in
            line.wholeMatch(of: /export (\w+)=\$\{\w+:-"(.*)"\}/).map {
                EnvironmentVariable(String($0.1), String($0.2))
            }
        }
        let environment = ContainerEnvironment(
            facts: ContainerEnvironment.Facts(
                container: container,
                user: "root",
                node: NodeIdentity(id: NodeID(host: "localhost", port: 45_454), httpPort: 8_042, startedAt: .unset),
                directories: ContainerDirectories(work: work, log: log, private: ""),
                applicationDirectories: ["/grid/nm-local/usercache/root/appcache/\(Self.application)"],
                userDirectories: ["/grid/nm-local/usercache/root/"],
                logDirectories: [log],
                services: []
            ),
            user: user,
            settings: settings
        )
        let script = LaunchScript(
            commands: [Self.sent(String(command), log: log)],
            environment: environment,
            logDirectory: log
        )
        // What the NodeManager itself does before the script runs: links, the script's copy, the listing.
        let expected = golden.filter { line in
            !["ln ", "cp ", "chmod ", "ls ", "find ", "# "].contains { line.hasPrefix($0) }
                && !line.contains("directory.info") && line != "echo \"Copying debugging information\""
        }
        let lines = script.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        #expect(lines.filter { !$0.isEmpty } == expected.filter { !$0.isEmpty })
    }

    @Test func `values and commands stay raw`() {
        let environment = ContainerEnvironment(
            facts: Self.facts,
            user: [EnvironmentVariable("A", #"a"b$HOME\`"#), EnvironmentVariable("B", "'x'\ny")],
            settings: Self.settings
        )
        let script = LaunchScript(
            commands: [#"java '-Dq=a\$HOMEx'"#, "1>", "<LOG_DIR>/stdout"],
            environment: environment,
            logDirectory: "/log"
        )
        #expect(script.text.contains("export A=\"a\"b$HOME\\`\"\n"))
        #expect(script.text.contains("export B=\"'x'\ny\"\n"))
        #expect(script.text.hasSuffix("exec /bin/bash -c \"java '-Dq=a\\$HOMEx' 1> /log/stdout\"\n"))
    }

    @Test(arguments: [
        ("<LOG_DIR>/x", "/log/x"), ("{{PWD}}<CPS>{{PWD}}/y", "$PWD:$PWD/y"), ("<ADD_OPENS>", ""), ("{{", "$"),
        ("}}", ""), ("{{{A}}}", "${A}"), ("<LOG_DIR", "<LOG_DIR"), ("", ""), ("<<LOG_DIR>>", "</log>"),
    ])
    func `placeholders are expanded`(text: String, expanded: String) {
        #expect(TextExpansion(logDirectory: "/log").expand(text) == expanded)
    }

    @Test func `a variable follows those that it refers to, else the client's order holds`() {
        let variables = [
            EnvironmentVariable("A", "$B:${C}"), EnvironmentVariable("X", "1"), EnvironmentVariable("B", "$C"),
            EnvironmentVariable("C", "$PATH:$C"), EnvironmentVariable("Y", "$$ $ ${ $1"),
        ]
        #expect(ContainerEnvironment.inOrderOfReference(variables).map(\.name) == ["C", "B", "A", "X", "Y"])
    }

    @Test func `the script sets a variable before those that refer to it`() throws {
        let user = [EnvironmentVariable("OUTER", "{{INNER}}/lib"), EnvironmentVariable("INNER", "/opt")]
        let environment = ContainerEnvironment(facts: Self.facts, user: user, settings: Self.settings)
        let script = LaunchScript(commands: ["true"], environment: environment, logDirectory: "/log").text
        let inner = try #require(script.range(of: "export INNER=\"/opt\"\n"))
        let outer = try #require(script.range(of: "export OUTER=\"$INNER/lib\"\n"))
        #expect(inner.lowerBound < outer.lowerBound)
    }

    @Test func `variables in a circle all come, once`() {
        let variables = [EnvironmentVariable("A", "$B"), EnvironmentVariable("B", "$A")]
        #expect(ContainerEnvironment.inOrderOfReference(variables).map(\.name) == ["B", "A"])
    }

    @Test func `a chain of references as long as the list is ordered`() {
        let variables = (0..<20_000).map { EnvironmentVariable("V\($0)", "$V\($0 + 1)") }
        #expect(
            ContainerEnvironment.inOrderOfReference(variables).map(\.name) == variables.map(\.name).reversed()
        )
    }

    @Test func `the NodeManager's names cannot be overridden and the administrator's values are added`() {
        var settings = Self.settings
        settings.administratorEnvironment = [
            EnvironmentVariable("LD_LIBRARY_PATH", "/admin"), EnvironmentVariable("EXTRA", "1"),
        ]
        settings.inheritedEnvironment = [
            EnvironmentVariable("LANG", "C"), EnvironmentVariable("JAVA_HOME", "/java"),
        ]
        settings.forcedPath = "/first"
        let environment = ContainerEnvironment(
            facts: Self.facts,
            user: [
                EnvironmentVariable("USER", "mallory"), EnvironmentVariable("LD_LIBRARY_PATH", "/user"),
                EnvironmentVariable("JAVA_HOME", "/other"), EnvironmentVariable("PATH", "/bin"),
                EnvironmentVariable("TWICE", "1"), EnvironmentVariable("TWICE", "2"),
            ],
            settings: settings
        )
        #expect(environment.inherited.map(\.name) == ["LANG"])
        let values = Dictionary(environment.set.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        #expect(values["USER"] == "root")
        #expect(values["LD_LIBRARY_PATH"] == "/user:/admin")
        #expect(values["EXTRA"] == "1")
        #expect(values["PATH"] == "/first:/bin")
        #expect(values["TWICE"] == "2")
        #expect(environment.set.filter { $0.name == "TWICE" || $0.name == "USER" }.count == 2)
    }

    private static let settings = NodeManagerSettings(
        capability: ResourceVector(memoryMiB: 1, vcores: 1),
        localDirectories: ["/local"],
        logDirectories: ["/logs"]
    )

    private static let facts = ContainerEnvironment.Facts(
        container: Fixture.container(1),
        user: "root",
        node: NodeIdentity(id: Fixture.node, httpPort: 1, startedAt: .unset),
        directories: ContainerDirectories(work: "/work", log: "/log", private: "/private"),
        applicationDirectories: [],
        userDirectories: [],
        logDirectories: [],
        services: []
    )
}
