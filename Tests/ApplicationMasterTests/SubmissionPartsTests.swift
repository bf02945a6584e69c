import ClusterModel
import HadoopConfig
import HadoopProtos
import HadoopWire
import Staging
import Testing

@testable import ApplicationMaster

/// What an application is submitted with.
@Suite struct SubmissionPartsTests {
    @Test(arguments: [
        ("512m", 512), ("15g", 15_360), ("1", 1), ("2T", 2 << 20), ("2048k", 2), ("4194304b", 4), (" 3 gb ", 3072),
    ]) func `sizes are Spark's`(text: String, expected: Int64) { #expect(EngineProperties.mebibytes(text) == expected) }

    @Test(arguments: ["", "g", "1x", "-1m", "1.5g", "0", "9223372036854775807t", "1k"])
    func `what is no size is refused`(
        text: String
    ) {
        #expect(EngineProperties.mebibytes(text) == nil)
        let error = #expect(throws: EngineProperties.Unusable.self) {
            try EngineProperties(["spark.executor.memory": text]).mebibytes(.executorMemory, default: 1)
        }
        #expect(error?.description.contains("spark.executor.memory=\(text) is no size") == true)
    }

    @Test func `properties travel in one variable`() {
        let properties = EngineProperties(["a": "1", "b": "x=y", "c": ""])
        #expect(EngineProperties(text: properties.text) == properties)
        // A line end in a value cannot make a property of its own.
        #expect(EngineProperties(text: EngineProperties(["a": "1\nb=2"]).text).values == ["a": "1b=2"])
    }

    @Test func `sizes are those of Spark, overhead included`() throws {
        let standard = try EngineSizes(EngineProperties(), isCluster: true)
        #expect(standard.executors == 2 && standard.executorCores == 1)
        #expect(standard.executorMemory == 1408 && standard.masterMemory == 1408)
        #expect(try EngineSizes(EngineProperties(), isCluster: false).masterMemory == 896)
        let own = try EngineSizes(
            EngineProperties([
                "spark.executor.memory": "10g", "spark.driver.memory": "512m", "spark.driver.memoryOverhead": "100",
            ]),
            isCluster: true
        )
        #expect(own.executorMemory == 11_264 && own.masterMemory == 612)
        #expect(throws: EngineProperties.Unusable.self) {
            try EngineSizes(EngineProperties(["spark.executor.cores": "many"]), isCluster: true)
        }
    }

    @Test(arguments: ["a", "with space", "ünïcode", "#"]) func `a staged file reads as it was written`(name: String) {
        let file = StagedFile(
            name: name,
            location: ResourceLocation(scheme: "webhdfs", host: "h", port: 9870, path: "/user/x/\(name) y"),
            size: -1,
            timestamp: 12,
            kind: .archive
        )
        #expect(StagedFile(file.text) == file)
        #expect(StagedFile(String(file.text.dropLast(file.text.count - 3))) == nil)
    }

    @Test func `arguments reach the program as they are`() {
        let launch = ContainerLaunch(
            files: [],
            environment: ["B": "2", "A": "1"],
            arguments: ["./p", "it's", "$HOME; `x`", ""],
            credentials: Credentials()
        )
        #expect(
            launch.proto.command == [
                #"exec './p' 'it'\''s' '$HOME; `x`' '' 1><LOG_DIR>/stdout 2><LOG_DIR>/stderr"#
            ]
        )
        #expect(launch.proto.environment.map(\.key) == ["A", "B"])
    }

    @Test func `a file becomes a resource that nodes can prove`() {
        let file = StagedFile(
            name: "p",
            location: ResourceLocation(scheme: "webhdfs", host: "h", port: 9870, path: "/x"),
            size: 5,
            timestamp: 7
        )
        let launch = ContainerLaunch(files: [file], environment: [:], arguments: [], credentials: Credentials())
        let resource = launch.proto.localResources[0]
        #expect(resource.key == "p" && resource.value.size == 5 && resource.value.timestamp == 7)
        #expect(resource.value.resource.host == "h" && resource.value.resource.port == 9870)
        #expect(resource.value.type == .file)
    }

    @Test func `files go to the user's folder, or where they are told to`() throws {
        let id = ApplicationID(clusterTimestamp: 1, number: 2)
        var configuration = Configuration(environment: ConfigurationEnvironment())
        configuration.set("fs.defaultFS", "webhdfs://h:9870", source: "test")
        let place = try StagingPlace(configuration, EngineProperties(), user: "u")
        #expect("\(place.folder(of: id))" == "webhdfs://h:9870/user/u/.sparkStaging/\(id)" && place.copies)
        let own = EngineProperties(["spark.yarn.stagingDir": "s3a://bucket/x/"])
        #expect(
            "\(try StagingPlace(configuration, own, user: "u").folder(of: id))" == "s3a://bucket/x/.sparkStaging/\(id)"
        )
        #expect(throws: EngineProperties.Unusable.self) {
            try StagingPlace(configuration, EngineProperties(["spark.yarn.stagingDir": "nowhere"]), user: "u")
        }
    }
}
