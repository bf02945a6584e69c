import Foundation
import HadoopConfig
import Testing

@Suite struct LoadingTests {
    @Test func `a later file wins, and every property knows its file and line`() throws {
        let folder = try ConfigurationFolder([
            "yarn-site.xml": site(["k": "yarn"]),
            "core-site.xml": site(["other": "1", "k": "core"]),
        ])
        let configuration = try folder.load()
        #expect(try configuration.text(of: "k") == "yarn")
        #expect(configuration.origin(of: "k") == .file(path: folder.file("yarn-site.xml"), line: 2))
        #expect(configuration.origin(of: "other") == .file(path: folder.file("core-site.xml"), line: 2))
    }

    @Test func `files are read in Hadoop's order, others by name behind them`() throws {
        let names = [
            "zeta-site.xml", "hdfs-site.xml", "alpha-site.xml", "resource-types.xml", "capacity-scheduler.xml",
            "mapred-site.xml", "core-site.xml", "yarn-site.xml", "log4j.xml", ".hidden-site.xml", "hadoop-policy.xml",
        ]
        let folder = try ConfigurationFolder()
        for name in names {
            try folder.write(name, site(["last": name]))
        }
        let configuration = try folder.load()
        #expect(
            configuration.files
                == [
                    "core-site.xml", "yarn-site.xml", "mapred-site.xml", "hdfs-site.xml", "capacity-scheduler.xml",
                    "resource-types.xml", "alpha-site.xml", "zeta-site.xml",
                ].map(folder.file)
        )
        #expect(try configuration.text(of: "last") == "zeta-site.xml")
    }

    @Test func `a final value stays, and setting it again is a warning that names both places`() throws {
        let folder = try ConfigurationFolder([
            "core-site.xml": """
            <configuration>
              <property><name>k</name><value>1</value><final>true</final></property>
            </configuration>
            """,
            "yarn-site.xml": site(["k": "2"]),
        ])
        let configuration = try folder.load()
        #expect(try configuration.text(of: "k") == "1")
        let warning = try #require(configuration.warnings.first)
        #expect(warning.severity == .warning)
        #expect(warning.description.contains("yarn-site.xml:2"))
        #expect(warning.description.contains("core-site.xml:2 sets it final"))
    }

    @Test func `within one file too a final value stays`() throws {
        let folder = try ConfigurationFolder([
            "core-site.xml": """
            <configuration><property name="k" value="1" final="true"/><property name="k" value="2"/></configuration>
            """
        ])
        #expect(try folder.load().text(of: "k") == "1")
    }

    @Test(arguments: [
        ("<property><name>k</name><value>v</value></property>", "v"),
        ("<property><name> k\n</name><value>  v </value></property>", "  v "),
        ("<property name='k' value='v'/>", "v"),
        ("<property><value>v</value><description>d</description><name>k</name></property>", "v"),
        ("<property><name>k</name><value><![CDATA[<v>]]></value></property>", "<v>"),
        ("<property><name>k</name><value>a&amp;b &lt; &#x41;</value></property>", "a&b < A"),
        ("<property><name>k</name><value>a<!-- c -->b</value></property>", "ab"),
        ("<property><name>k</name><value></value></property>", nil),
        ("<property><name>k</name></property>", nil),
        ("<property><name>k</name><value>1</value></property><property><name>k</name><value></value></property>", "1"),
        ("<property><name>k</name><value>v</value><tag>x</tag><source>y</source></property>", "v"),
        ("<foo><bar/></foo>text<property><name>k</name><value>v</value></property>", "v"),
    ])
    func `properties are read as Hadoop reads them`(body: String, expected: String?) throws {
        let folder = try ConfigurationFolder(["core-site.xml": "<configuration>\(body)</configuration>"])
        #expect(try folder.load().rawValue(of: "k") == expected)
    }

    @Test func `other encodings are read`() throws {
        let text = "<?xml version='1.0' encoding='UTF-16'?>" + site(["k": "\u{e9}\u{4e16}"])
        let folder = try ConfigurationFolder()
        let units = [0xFEFF] + Array(text.utf16)
        try folder.write("core-site.xml", bytes: units.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] })
        #expect(try folder.load().text(of: "k") == "\u{e9}\u{4e16}")
    }

    @Test func `a deprecated name sets the new one, with a warning`() throws {
        let folder = try ConfigurationFolder(["core-site.xml": site(["fs.default.name": "hdfs://h:8020"])])
        let configuration = try folder.load()
        #expect(try configuration.value(of: CoreKeys.defaultFileSystem) == "hdfs://h:8020")
        #expect(try configuration.text(of: "fs.default.name") == "hdfs://h:8020")
        #expect(configuration.warnings.first?.message.contains("fs.defaultFS") == true)
    }

    @Test func `a folder that is missing is an error that names it`() {
        do {
            _ = try Configuration.load(directory: "/nonexistent/conf")
            Issue.record("expected an error")
        } catch {
            #expect(error.description.contains("/nonexistent/conf"))
            #expect(error.description.contains("No such file or directory"))
        }
    }

    @Test func `without a folder every key has Hadoop's default`() throws {
        let environment = ConfigurationEnvironment(systemProperties: ["user.name": "ann"])
        let configuration = try Configuration.load(directory: nil, environment: environment)
        #expect(try configuration.value(of: ResourceManagerKeys.address).description == "0.0.0.0:8032")
        #expect(try configuration.value(of: CoreKeys.temporaryDirectory) == "/tmp/hadoop-ann")
        #expect(configuration.origin(of: "yarn.resourcemanager.address").description == "default (yarn-default.xml)")
    }

    /// As Hadoop's `--config` exports it: what a daemon starts inherits it.
    @Test func `the folder that was read is HADOOP_CONF_DIR afterwards`() throws {
        let folder = try ConfigurationFolder(["core-site.xml": site(["k": "here"])])
        func exported(_ variables: [String: String], _ directory: String?, in place: String = "/") throws -> String? {
            let environment = ConfigurationEnvironment(variables: variables, systemProperties: ["user.dir": place])
            let configuration = try Configuration.load(commandLineDirectory: directory, environment: environment)
            return configuration.environment.variables["HADOOP_CONF_DIR"]
        }
        #expect(try exported(["HADOOP_CONF_DIR": "/nowhere"], folder.path) == folder.path)
        #expect(try exported(["YARN_CONF_DIR": folder.path], nil) == folder.path)
        #expect(try exported([:], ".", in: "/srv") == "/srv/.")
        #expect(try exported([:], nil) == nil)
    }

    @Test func `the folder comes from HADOOP_CONF_DIR, then YARN_CONF_DIR, and a command line beats both`() throws {
        let first = try ConfigurationFolder(["core-site.xml": site(["k": "hadoop"])])
        let second = try ConfigurationFolder(["core-site.xml": site(["k": "yarn"])])
        func load(_ variables: [String: String], _ directory: String? = nil) throws -> String? {
            let environment = ConfigurationEnvironment(variables: variables)
            return try Configuration.load(commandLineDirectory: directory, environment: environment).text(of: "k")
        }
        #expect(try load(["HADOOP_CONF_DIR": first.path, "YARN_CONF_DIR": second.path]) == "hadoop")
        #expect(try load(["HADOOP_CONF_DIR": "", "YARN_CONF_DIR": second.path]) == "yarn")
        #expect(try load(["HADOOP_CONF_DIR": first.path], second.path) == "yarn")
        #expect(try load([:]) == nil)
    }

    @Test func `what conf shows has key, value, final and the file's name`() throws {
        let folder = try ConfigurationFolder([
            "yarn-site.xml": site(["yarn.resourcemanager.hostname": "127.0.0.1"])
        ])
        let configuration = try folder.load()
        let hostname = try #require(configuration.effectiveProperty("yarn.resourcemanager.hostname"))
        #expect(hostname.value == "127.0.0.1")
        #expect(!hostname.isFinal)
        #expect(hostname.resource == "yarn-site.xml")
        let address = try #require(configuration.effectiveProperty("yarn.resourcemanager.address"))
        #expect(address.value == "127.0.0.1:8032")
        #expect(address.resource == "yarn-default.xml")
        #expect(configuration.effectiveProperty("no.such.key") == nil)
        let all = configuration.effectiveProperties.map(\.key)
        #expect(all == all.sorted())
        #expect(all.contains("yarn.resourcemanager.hostname"))
    }

    @Test(arguments: [
        ("javax.jdo.option.ConnectionPassword", true), ("fs.s3a.secret.key", true), ("ssl.server.keystore.pass", true),
        ("fs.azure.account.key.x.blob.core.windows.net", true), ("yarn.resourcemanager.hostname", false),
        ("fs.adl.oauth2.refresh.token", true), ("hadoop.security.token.service.use_ip", false),
    ])
    func `secrets are hidden wherever a configuration is shown`(key: String, isSecret: Bool) throws {
        let configuration = Configuration([key: "hunter2"])
        let shown = try #require(configuration.effectiveProperty(key))
        #expect((shown.value == "<redacted>") == isSecret)
        #expect(configuration.problem(key, "hunter2", "bad").description.contains("hunter2") != isSecret)
        #expect(try configuration.text(of: key) == "hunter2")
    }
}
