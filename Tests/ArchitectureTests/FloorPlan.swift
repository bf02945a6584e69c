/// The house of ARCHITECTURE.md as one table: which of our own targets each target may import, and which libraries from
/// outside. The tests hold every import line of the sources against it.
enum FloorPlan {
    struct Room {
        var folder: String
        /// Our own targets; a target imports only from floors below its own, except as listed here.
        var ours: Set<String> = []
        /// Modules from outside the project.
        var outside: Set<String> = []
    }

    private static let nio: Set<String> = [
        "NIOCore", "NIOPosix", "NIOConcurrencyHelpers", "NIOHTTP1",
    ]
    private static let platform: Set<String> = [
        "Foundation", "FoundationEssentials", "Glibc", "Musl", "Synchronization", "Dispatch",
    ]
    private static let cores: Set<String> = ["Collections", "OrderedCollections", "DequeModule", "HeapModule"]
    private static let wire: Set<String> = [
        "ClusterModel", "HadoopProtos", "ModelConversion", "HadoopWire", "HadoopRPC",
    ]

    static let rooms: [String: Room] = [
        "HadoopConfig": Room(folder: "System/HadoopConfig", ours: ["CLibXML2"], outside: platform),
        "ClusterModel": Room(folder: "Model/ClusterModel"),
        "HadoopProtos": Room(
            folder: "Wire/HadoopProtos",
            outside: platform.union(["SwiftProtobuf"])
        ),
        "ModelConversion": Room(
            folder: "Wire/ModelConversion",
            ours: ["ClusterModel", "HadoopProtos"],
            outside: ["SwiftProtobuf"]
        ),
        "HadoopWire": Room(
            folder: "Wire/HadoopWire",
            ours: ["ClusterModel", "HadoopProtos", "CZlib"],
            outside: platform.union(["SwiftProtobuf", "Crypto"])
        ),
        "HadoopRPC": Room(
            folder: "Wire/HadoopRPC",
            ours: ["HadoopWire", "HadoopProtos"],
            outside: platform.union(nio).union(["SwiftProtobuf", "Logging"])
        ),
        "HadoopHTTP": Room(
            folder: "Wire/HadoopHTTP",
            ours: ["ClusterModel", "CLibXML2"],
            outside: platform.union(nio).union(["NIOSSL", "Logging"])
        ),
        "SchedulerCore": Room(folder: "Cores/SchedulerCore", ours: ["ClusterModel"], outside: cores),
        "ResourceManagerCore": Room(
            folder: "Cores/ResourceManagerCore",
            ours: ["ClusterModel", "SchedulerCore"],
            outside: cores
        ),
        "NodeManagerCore": Room(folder: "Cores/NodeManagerCore", ours: ["ClusterModel"], outside: cores),
        "StagingCore": Room(folder: "Cores/StagingCore", ours: ["ClusterModel"], outside: cores),
        "EngineCore": Room(folder: "Cores/EngineCore", ours: ["ClusterModel"], outside: cores),
        "Settings": Room(
            folder: "Settings/Settings",
            ours: [
                "HadoopConfig", "HadoopRPC", "HadoopHTTP", "ClusterModel", "SchedulerCore", "ResourceManagerCore",
                "NodeManagerCore",
            ],
            outside: platform
        ),
        "StateStore": Room(
            folder: "Storage/StateStore",
            ours: ["HadoopProtos", "CZlib"],
            outside: platform.union(["SwiftProtobuf", "GRDB"])
        ),
        "Staging": Room(
            folder: "Storage/Staging",
            ours: ["ClusterModel", "CLibcurl", "CLibArchive", "CLinux"],
            outside: platform.union(["Crypto", "Logging"])
        ),
        "BlockExchange": Room(folder: "Storage/BlockExchange", ours: ["HadoopWire"], outside: ["Crypto"]),
        "AggregatedLogs": Room(
            folder: "Storage/AggregatedLogs",
            ours: ["ClusterModel", "HadoopWire", "HadoopHTTP", "Settings", "Staging"],
            outside: platform.union(["NIOCore"])
        ),
        "ResourceManager": Room(
            folder: "Daemons/ResourceManager",
            ours: wire.union([
                "ResourceManagerCore", "SchedulerCore", "Settings", "HadoopConfig", "StateStore", "HadoopHTTP",
                "Staging", "AggregatedLogs", "CLinux",
            ]),
            outside: platform.union(nio).union(["SwiftProtobuf", "Logging", "Crypto"])
        ),
        "NodeManager": Room(
            folder: "Daemons/NodeManager",
            ours: wire.union([
                "NodeManagerCore", "Settings", "HadoopConfig", "StateStore", "Staging", "AggregatedLogs", "HadoopHTTP",
                "BlockExchange", "CLinux",
            ]),
            outside: platform.union(nio).union(["SwiftProtobuf", "Logging", "Crypto"])
        ),
        "StagingServer": Room(
            folder: "Daemons/StagingServer",
            ours: ["StagingCore", "ClusterModel", "HadoopWire", "HadoopHTTP", "StateStore", "Staging", "CLinux"],
            outside: platform.union(nio).union(["Crypto", "Logging"])
        ),
        "EngineLink": Room(
            folder: "Engine/EngineLink",
            ours: ["BlockExchange", "HadoopWire", "HadoopRPC", "HadoopHTTP", "Staging"],
            outside: platform.union(nio).union(["Logging"])
        ),
        "ApplicationMaster": Room(
            folder: "Engine/ApplicationMaster",
            ours: wire.union(["EngineCore", "EngineLink", "AggregatedLogs", "HadoopConfig", "Settings", "Staging"]),
            outside: platform.union(["SwiftProtobuf", "Logging"])
        ),
        "Heddle": Room(
            folder: "Engine/Heddle",
            ours: [
                "AggregatedLogs", "ApplicationMaster", "BlockExchange", "ClusterModel", "EngineCore", "EngineLink",
                "HadoopConfig", "HadoopHTTP", "HadoopWire", "Settings", "Staging", "CLinux", "CLZ4", "CZlib",
            ],
            outside: platform.union(["Crypto", "Logging", "NIOCore"])
        ),
        "heddle-examples": Room(folder: "Examples/heddle-examples", ours: ["Heddle"], outside: platform),
        "Commands": Room(
            folder: "Tools/Commands",
            ours: wire.union([
                "HadoopConfig", "Settings", "ResourceManager", "ResourceManagerCore", "NodeManager", "NodeManagerCore",
                "StagingServer", "StagingCore", "Staging", "AggregatedLogs", "ApplicationMaster", "CLinux",
                "HadoopHTTP",
            ]),
            outside: platform.union(nio).union(["SwiftProtobuf", "Logging", "ArgumentParser"])
        ),
        "heddle": Room(folder: "Tools/heddle", ours: ["Commands"], outside: platform),
    ]

    /// Rooms whose code decides and therefore touches nothing that changes from run to run.
    static let pure = [
        "ClusterModel", "SchedulerCore", "ResourceManagerCore", "NodeManagerCore", "StagingCore", "EngineCore",
    ]
}
