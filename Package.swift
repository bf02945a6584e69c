// swift-tools-version: 6.2

import PackageDescription

// One list for every hand-written target: Swift 6 mode, strict memory safety, no warnings.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

// Generated protobuf code is not ours to make strict.
let generated: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

// `scripts/test.sh --sanitize`: a sanitizer's runtime cannot be linked into a static program.
let isSanitized = Context.environment["HEDDLE_SANITIZE"] != nil

/// A target stands in the folder of its floor (ARCHITECTURE.md, "The house").
func library(_ name: String, floor: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(floor)/\(name)", swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: [.init(stringLiteral: name), "TestSupport"] + dependencies,
        path: "Tests/\(name)Tests",
        resources: resources,
        swiftSettings: strict
    )
}

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
]
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let collections: Target.Dependency = .product(name: "Collections", package: "swift-collections")
let http1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
// What HadoopHTTP is built on.
let httpServer: [Target.Dependency] = [
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
    http1,
]

let package = Package(
    name: "heddle",
    products: [
        .executable(name: "heddle", targets: ["heddle"]),
        .executable(name: "heddle-supervisor", targets: ["ContainerSupervisor"]),
        .library(name: "Heddle", targets: ["Heddle"]),
        .executable(name: "heddle-examples", targets: ["heddle-examples"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // System: the operating system and C libraries.
        .systemLibrary(
            name: "CLibXML2",
            path: "Sources/System/CLibXML2",
            pkgConfig: "libxml-2.0",
            providers: [.apt(["libxml2-dev"])]
        ),
        // These two are loaded when they are first needed, not linked.
        .systemLibrary(
            name: "CLibcurl",
            path: "Sources/System/CLibcurl",
            providers: [.apt(["libcurl4-openssl-dev"])]
        ),
        .systemLibrary(
            name: "CLibArchive",
            path: "Sources/System/CLibArchive",
            providers: [.apt(["libarchive-dev"])]
        ),
        .systemLibrary(name: "CZlib", path: "Sources/System/CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CLZ4", path: "Sources/System/CLZ4", providers: [.apt(["liblz4-dev"])]),
        .target(name: "CLinux", path: "Sources/System/CLinux"),
        // Static, without Swift's runtime and without a C library: it starts in a tenth of the time that a C library's start takes,
        // needs 40 KiB of memory, and takes nothing from its surroundings.
        .executableTarget(
            name: "ContainerSupervisor",
            path: "Sources/System/ContainerSupervisor",
            cSettings: isSanitized
                ? [.define("HEDDLE_HOSTED")]
                : [.unsafeFlags(["-ffreestanding", "-fno-stack-protector"])],
            linkerSettings: isSanitized
                ? [] : [.unsafeFlags(["-static-executable", "-nostartfiles", "-Xclang-linker", "-nostdlib"])]
        ),
        library("HadoopConfig", floor: "System", ["CLibXML2"]),

        // Model: arithmetic and parsing only.
        library("ClusterModel", floor: "Model"),

        // Wire: Hadoop's protocols.
        .target(
            name: "HadoopProtos",
            dependencies: [protobuf],
            path: "Sources/Wire/HadoopProtos",
            swiftSettings: generated
        ),
        library("ModelConversion", floor: "Wire", ["ClusterModel", "HadoopProtos", protobuf]),
        library("HadoopWire", floor: "Wire", ["ClusterModel", "HadoopProtos", "CZlib", protobuf, crypto]),
        library("HadoopRPC", floor: "Wire", ["HadoopWire", "HadoopProtos", protobuf, logging] + nio),
        library("HadoopHTTP", floor: "Wire", [logging] + nio + httpServer),

        // Cores: every decision, as plain values.
        library("SchedulerCore", floor: "Cores", ["ClusterModel", collections]),
        library("ResourceManagerCore", floor: "Cores", ["ClusterModel", "SchedulerCore", collections]),
        library("NodeManagerCore", floor: "Cores", ["ClusterModel", collections]),
        library("StagingCore", floor: "Cores", ["ClusterModel"]),
        library("EngineCore", floor: "Cores", ["ClusterModel", collections]),

        // Settings: configuration keys to typed structs.
        library(
            "Settings",
            floor: "Settings",
            [
                "HadoopConfig", "HadoopRPC", "HadoopHTTP", "ClusterModel", "SchedulerCore", "ResourceManagerCore",
                "NodeManagerCore",
            ]
        ),

        // Storage.
        library(
            "StateStore",
            floor: "Storage",
            ["HadoopProtos", "CZlib", protobuf, grdb]
        ),
        library("Staging", floor: "Storage", ["ClusterModel", "CLibcurl", "CLibArchive", "CLinux", crypto, logging]),
        library("BlockExchange", floor: "Storage", ["HadoopWire", crypto]),
        library(
            "AggregatedLogs",
            floor: "Storage",
            [
                "ClusterModel", "HadoopWire", "HadoopHTTP", "Settings", "Staging",
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),

        // Daemons: they carry out what the cores decide.
        library(
            "ResourceManager",
            floor: "Daemons",
            [
                "ResourceManagerCore", "SchedulerCore", "ClusterModel", "ModelConversion", "HadoopProtos", "HadoopWire",
                "HadoopRPC", "HadoopHTTP", "Settings", "HadoopConfig", "StateStore", "Staging", "AggregatedLogs",
                "CLinux",
                protobuf, logging, http1,
            ] + nio
        ),
        library(
            "NodeManager",
            floor: "Daemons",
            [
                "NodeManagerCore", "ClusterModel", "ModelConversion", "HadoopProtos", "HadoopWire", "HadoopRPC",
                "HadoopHTTP", "Settings",
                "HadoopConfig", "Staging", "AggregatedLogs", "BlockExchange", "StateStore", "CLinux", crypto, protobuf,
                logging,
            ] + nio
        ),
        library(
            "StagingServer",
            floor: "Daemons",
            [
                "StagingCore", "ClusterModel", "HadoopWire", "HadoopHTTP", "StateStore", "Staging", "CLinux", crypto,
                logging,
            ] + nio
        ),

        // Engine: what Swift programs that run on a cluster are written with.
        library(
            "EngineLink",
            floor: "Engine",
            ["BlockExchange", "HadoopWire", "HadoopRPC", "HadoopHTTP", "Staging", logging] + nio
        ),
        library(
            "ApplicationMaster",
            floor: "Engine",
            [
                "AggregatedLogs", "ClusterModel", "EngineCore", "EngineLink", "HadoopConfig", "HadoopProtos",
                "HadoopRPC",
                "HadoopWire", "ModelConversion", "Settings", "Staging", logging,
            ]
        ),
        library(
            "Heddle",
            floor: "Engine",
            [
                "AggregatedLogs", "ApplicationMaster", "BlockExchange", "ClusterModel", "EngineCore", "EngineLink",
                "HadoopConfig", "HadoopHTTP", "HadoopWire", "Settings", "Staging", "CLinux", "CLZ4", "CZlib", crypto,
                logging,
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),

        // Examples: programs as users write them, in one product.
        .executableTarget(
            name: "heddle-examples",
            dependencies: ["Heddle"],
            path: "Sources/Examples/heddle-examples",
            swiftSettings: strict
        ),

        // Tools.
        library(
            "Commands",
            floor: "Tools",
            [
                "ClusterModel", "ModelConversion", "HadoopProtos", "HadoopWire", "HadoopRPC", "HadoopConfig",
                "Settings",
                "HadoopHTTP", "ResourceManager", "ResourceManagerCore", "NodeManager", "NodeManagerCore",
                "StagingServer", "StagingCore", "Staging", "AggregatedLogs", "ApplicationMaster",
                "CLinux", protobuf, logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ] + nio
        ),
        .executableTarget(
            name: "heddle",
            dependencies: ["Commands"],
            path: "Sources/Tools/heddle",
            swiftSettings: strict
        ),

        // What benchmarks read, and the bare loops that they are compared with.
        .target(name: "BenchmarkInput", path: "Benchmarks/BenchmarkInput", swiftSettings: strict),
        // The engine's jobs that other engines do too, as a program of a user's (Benchmarks/engine).
        .executableTarget(
            name: "EngineBench",
            dependencies: ["BenchmarkInput", "Heddle"],
            path: "Benchmarks/engine/EngineBench",
            swiftSettings: [.swiftLanguageMode(.v6)]
        ),
        // Benchmarks stand in this package, since what they measure is package-private (scripts/bench.sh runs them).
        .executableTarget(
            name: "HeddleBench",
            dependencies: [
                "BenchmarkInput", "CLinux", "ClusterModel", "Heddle", "ModelConversion", "HadoopProtos", "HadoopWire",
                "HadoopRPC", "Staging",
                protobuf, logging,
            ] + nio,
            path: "Benchmarks/HeddleBench",
            swiftSettings: strict
        ),

        // Tests.
        .target(
            name: "TestSupport",
            dependencies: nio + [http1],
            path: "Tests/TestSupport",
            swiftSettings: strict
        ),
        .testTarget(name: "ArchitectureTests", path: "Tests/ArchitectureTests", swiftSettings: strict),
        tests("ClusterModel"),
        tests("HadoopConfig"),
        tests("HadoopWire", ["HadoopProtos", "ClusterModel", protobuf, crypto]),
        tests("HadoopRPC", ["HadoopWire", "HadoopProtos", protobuf, logging] + nio),
        tests(
            "HadoopHTTP",
            [
                .product(name: "NIOEmbedded", package: "swift-nio"),
                logging, http1,
            ] + nio
        ),
        tests("ModelConversion", ["ClusterModel", "HadoopProtos", protobuf]),
        tests("SchedulerCore", ["ClusterModel"]),
        tests("ResourceManagerCore", ["ClusterModel", "SchedulerCore"]),
        tests("NodeManagerCore", ["ClusterModel"]),
        tests("StagingCore", ["ClusterModel"]),
        tests("EngineCore", ["ClusterModel"]),
        tests("EngineLink", [logging]),
        tests("BlockExchange"),
        tests("ApplicationMaster", ["ClusterModel", "HadoopConfig", "HadoopProtos", "HadoopWire", "Staging"]),
        // A program as users write them; tests run it, and it runs itself as its executors.
        .executableTarget(
            name: "EngineProgram",
            dependencies: ["Heddle"],
            path: "Tests/EngineProgram",
            swiftSettings: strict
        ),
        tests(
            "Heddle",
            [
                "ApplicationMaster", "BlockExchange", "CLinux", "ClusterModel", "EngineCore", "EngineLink",
                "EngineProgram",
                "HadoopHTTP", "NodeManager", "NodeManagerCore", logging,
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        tests(
            "Settings",
            ["HadoopConfig", "HadoopRPC", "ClusterModel", "SchedulerCore", "ResourceManagerCore", "NodeManagerCore"]
        ),
        .executableTarget(
            name: "StoreWriter",
            dependencies: ["StateStore"],
            path: "Tests/StoreWriter",
            swiftSettings: strict
        ),
        tests("StateStore", ["StoreWriter", "HadoopProtos", protobuf]),
        tests("Staging", ["ClusterModel", crypto, logging] + nio + [http1]),
        tests(
            "AggregatedLogs",
            ["ClusterModel", "HadoopConfig", "HadoopHTTP", "HadoopWire", "Settings", "Staging", logging] + nio + [http1]
        ),
        tests(
            "ResourceManager",
            [
                "ResourceManagerCore", "SchedulerCore", "ClusterModel", "ModelConversion", "HadoopProtos", "HadoopWire",
                "HadoopRPC", "HadoopHTTP", "Settings", "HadoopConfig", "StateStore", protobuf, logging,
            ] + nio + [http1]
        ),
        tests(
            "NodeManager",
            [
                "NodeManagerCore", "ClusterModel", "ModelConversion", "HadoopProtos", "HadoopWire", "HadoopRPC",
                "HadoopHTTP", "Settings",
                "BlockExchange", "HadoopConfig", "Staging", "StateStore", "ContainerSupervisor", crypto, protobuf,
                logging,
            ] + nio + [http1]
        ),
        tests(
            "StagingServer",
            ["StagingCore", "Staging", "ClusterModel", "HadoopHTTP", "StateStore", grdb, logging, http1] + nio
        ),
        tests(
            "Commands",
            [
                "ApplicationMaster", "ClusterModel", "HadoopProtos", "HadoopConfig", "Settings", "ResourceManagerCore",
                "Staging", protobuf,
                logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            resources: [.copy("Fixtures")]
        ),
    ]
)
