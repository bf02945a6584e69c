import ArgumentParser
import Foundation
import HadoopConfig
import Testing

@testable import Commands

/// A configuration folder that goes away with its test.
final class TemporaryFolder: Sendable {
    let path: String

    init(_ files: KeyValuePairs<String, String>) throws {
        self.path = NSTemporaryDirectory() + "/heddle-commands-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
        for (name, text) in files {
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(self.path)/\(name)"))
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    static func site(_ properties: KeyValuePairs<String, String>) -> String {
        let lines = properties.map { "<property><name>\($0)</name><value>\($1)</value></property>" }
        return "<configuration>\n" + lines.joined(separator: "\n") + "\n</configuration>\n"
    }
}

@Suite struct ConfReportTests {
    static let environment = ConfigurationEnvironment(systemProperties: ["user.name": "ann"])

    private func report(_ folder: TemporaryFolder) -> ConfReport {
        ConfReport(
            folder: ConfigurationFolder(path: folder.path, source: "--conf-dir"),
            environment: Self.environment
        )
    }

    @Test func `get prints the value alone, and on the other stream its file and line`() throws {
        let folder = try TemporaryFolder([
            "yarn-site.xml": TemporaryFolder.site(["yarn.resourcemanager.hostname": "127.0.0.1"])
        ])
        let set = self.report(folder).value(of: "yarn.resourcemanager.hostname")
        #expect(set == CommandResult(output: "127.0.0.1\n", errors: "# \(folder.path)/yarn-site.xml:2\n"))
        let derived = self.report(folder).value(of: "yarn.resourcemanager.address")
        #expect(derived == CommandResult(output: "127.0.0.1:8032\n", errors: "# default (yarn-default.xml)\n"))
    }

    @Test func `get of a name that is none suggests the nearest and fails`() throws {
        let result = self.report(try TemporaryFolder([:])).value(of: "yarn.resourcemanager.hostnam")
        #expect(result.exitCode == 1)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("did you mean yarn.resourcemanager.hostname?"))
    }

    @Test func `list prints every value on a line of its own, secrets hidden`() throws {
        let folder = try TemporaryFolder([
            "yarn-site.xml": """
            <configuration>
            <property><name>a.list</name><value>
              one,
              two
            </value><final>true</final></property>
            <property><name>my.password</name><value>hunter2</value></property>
            </configuration>
            """
        ])
        let result = self.report(folder).list()
        #expect(result.exitCode == 0)
        #expect(result.output.contains("\na.list = one, two  # \(folder.path)/yarn-site.xml:2, final\n"))
        #expect(result.output.contains("\nmy.password = <redacted>  #"))
        #expect(result.output.contains("\nhadoop.tmp.dir = /tmp/hadoop-ann  # default (core-default.xml)\n"))
    }

    @Test func `check prints every mistake and fails on errors only`() throws {
        let folder = try TemporaryFolder([
            "yarn-site.xml": TemporaryFolder.site([
                "yarn.resourcemanager.hostname": "127.0.0.1", "yarn.nodemanager.vmem-check-enabled": "false",
                "yarn.nodemanager.log.retain-secs": "5",
            ])
        ])
        let warned = self.report(folder).check()
        #expect(warned.exitCode == 0)
        #expect(
            warned.output
                == "\(folder.path)/yarn-site.xml:4: warning: yarn.nodemanager.log.retain-secs: nothing reads this key; "
                + "did you mean yarn.nodemanager.log.retain-seconds?\n"
                + "\(folder.path) (--conf-dir), 1 file: 0 errors, 1 warning\n"
        )
        let broken = try TemporaryFolder([
            "core-site.xml": "<configuration>", "yarn-site.xml": TemporaryFolder.site(["yarn.acl.enable": "si"]),
        ])
        let failed = self.report(broken).check()
        #expect(failed.exitCode == 1)
        #expect(failed.output.contains("core-site.xml"))
        #expect(failed.output.contains("yarn-site.xml:2: error: yarn.acl.enable = \"si\""))
    }

    @Test func `a file that cannot be read fails every answer and is named`() throws {
        let folder = try TemporaryFolder(["core-site.xml": "<configuration>"])
        for result in [self.report(folder).list(), self.report(folder).value(of: "hadoop.tmp.dir")] {
            #expect(result.exitCode == 1)
            #expect(result.errors.contains("\(folder.path)/core-site.xml"))
        }
    }

    @Test func `without a folder check says how to name one`() {
        let result = ConfReport(folder: nil, environment: Self.environment).check()
        #expect(result.output.contains("export HADOOP_CONF_DIR="))
        #expect(result.output.contains("0.0.0.0:8032"))
    }

    @Test(arguments: [
        (["conf", "-get", "k"], true), (["conf", "--get", "k"], true), (["conf", "-list"], true), (["conf"], true),
        (["conf", "-check", "--conf-dir", "/x"], true), (["conf", "-check", "-config", "/x"], true),
        (["conf", "-check", "-list"], false), (["conf", "-get"], false), (["conf", "-nonsense"], false),
        (["doctor", "--conf-dir", "/x"], true), (["doctor"], true), (["doctor", "x"], false),
    ])
    func `flags have one dash, as Hadoop's have`(words: [String], isAccepted: Bool) {
        let arguments = Array(words.dropFirst())
        let isParsed =
            words[0] == "conf"
            ? (try? ConfCommand.parse(arguments)) != nil : (try? DoctorCommand.parse(arguments)) != nil
        #expect(isParsed == isAccepted)
    }
}
