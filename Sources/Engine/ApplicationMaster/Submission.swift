internal import AggregatedLogs
package import ClusterModel
package import EngineLink
package import HadoopConfig
internal import HadoopProtos
internal import HadoopRPC
internal import HadoopWire
package import Logging
internal import ModelConversion
package import Settings
package import Staging

/// Brings an application to a cluster: puts its files where nodes find them and submits its ApplicationMaster's container.
package struct Submission: Sendable {
    /// The variables of an application's containers.
    package enum Variable {
        /// `driver`: the program's own main runs here. `master`: only asks for executors, for a driver elsewhere.
        package static let role = "HEDDLE_ROLE"
        package static let application = "HEDDLE_APPLICATION"
        /// `HOST:PORT` of the ResourceManager's port for ApplicationMasters.
        package static let scheduler = "HEDDLE_SCHEDULER"
        /// The program's name in the working folder.
        package static let program = "HEDDLE_PROGRAM"
        /// What executors find in their working folders, a line each.
        package static let files = "HEDDLE_FILES"
        package static let master = "HEDDLE_MASTER"
        /// What was copied for the application, which its driver removes when it has succeeded; not set where nothing was.
        package static let staging = "HEDDLE_STAGING"
        /// Hadoop's: as whom file systems know the application's processes where no token says so.
        package static let user = "HADOOP_USER_NAME"
    }

    package enum Role: String, Sendable {
        case driver
        case master
    }

    /// Why an application cannot be submitted.
    package struct Failure: Error, CustomStringConvertible {
        package var description: String

        package init(_ description: String) { self.description = description }
    }

    package let settings: ClientSettings
    package let properties: EngineProperties
    package let sizes: EngineSizes
    /// Client mode: with a driver that is gone a second attempt could do nothing. 0: as many as the cluster gives.
    private let attemptsMaximum: Int
    private let role: Role
    private let staging: StagingPlace
    private let transfers: Transfers
    /// How the application's processes reach file systems.
    private let files: FileSettings
    /// What this process was given to show to them.
    private let shown: Credentials
    private let link: ResourceManagerLink

    private static let typeName = "HEDDLE"

    /// - Parameter given: the client's; properties `spark.hadoop.KEY` stand above it.
    /// - Throws: `Failure`, `ConfigurationError`: what is wrong with configuration or properties, and what is accepted.
    package init(
        _ given: Configuration,
        _ properties: EngineProperties,
        role: Role,
        logger: Logger
    ) throws {
        var configuration = given
        properties.applyHadoopKeys(to: &configuration)
        self.settings = try ClientSettings(configuration)
        self.properties = properties
        self.role = role
        do {
            self.sizes = try EngineSizes(properties, isCluster: role == .driver)
            self.attemptsMaximum = try properties.count(.applicationAttempts, default: role == .master ? 1 : 0)
        } catch {
            throw Failure("\(error)")
        }
        self.files = try FileSettings(configuration)
        self.shown = try Credentials.shown(configuration.environment.variables).ofFileSystems
        var transfers = Transfers(try TransferLimits(configuration))
        transfers.tokens = DelegationTokens(self.shown)
        self.transfers = transfers
        self.staging = try StagingPlace(configuration, properties, user: self.settings.common.userName)
        let client = self.settings.resourceManagers[0].client
        self.link = ResourceManagerLink(
            host: client.host,
            port: client.port,
            user: self.settings.common.userName,
            logger: logger
        )
    }

    package struct Submitted: Sendable {
        package var id: ApplicationID
        /// To be removed when the application has ended; nil where nothing was copied.
        package var folder: ResourceLocation?
    }

    /// An application that has its id, and that has been found fit for the cluster.
    package struct Reservation: Sendable {
        package var id: ApplicationID
        fileprivate var files: [GivenFiles.File]
    }

    /// Gets an id for an application, and sees to it that its files are there and that its containers fit into the cluster.
    /// - Parameter program: its file.
    package func reserve(for program: String) async throws -> Reservation {
        let files = try GivenFiles(program: program, self.properties, copies: self.staging.copies).files
        let (id, maximum) = try await self.connecting { try await self.link.newApplication() }
        try self.check(maximum)
        return Reservation(id: id, files: files)
    }

    /// Submits a program.
    /// - Parameters:
    ///   - reservation: from `reserve`.
    ///   - arguments: its own.
    ///   - environment: added to the container's.
    ///   - secret: what its processes share; nil where the first of them makes it.
    package func submit(
        _ reservation: Reservation,
        arguments: [String],
        environment: [String: String],
        secret: ApplicationSecret?
    ) async throws -> Submitted {
        let id = reservation.id
        let submitted = Submitted(id: id, folder: self.staging.copies ? self.staging.folder(of: id) : nil)
        do {
            let files = try self.stage(reservation.files, in: self.staging.folder(of: id))
            let context = try self.context(id, files, arguments, environment, secret)
            try await self.connecting { try await self.link.submit(context) }
            return submitted
        } catch {
            // Nobody would come back for what was copied.
            self.clean(submitted)
            throw error
        }
    }

    private func context(
        _ id: ApplicationID,
        _ files: [StagedFile],
        _ arguments: [String],
        _ environment: [String: String],
        _ secret: ApplicationSecret?
    ) throws -> ApplicationSubmissionContextProto {
        var credentials = self.shown
        self.files.add(to: &credentials)
        if let secret { credentials.set(secret.token, alias: ApplicationSecret.kind) }
        let scheduler = self.settings.resourceManagers[0].scheduler
        var variables = environment
        variables[Variable.role] = self.role.rawValue
        variables[Variable.application] = "\(id)"
        variables[Variable.scheduler] = "\(scheduler.host):\(scheduler.port)"
        variables[Variable.program] = files[0].name
        variables[Variable.files] = files.map(\.text).joined(separator: "\n")
        variables[Variable.master] = "yarn"
        if self.staging.copies { variables[Variable.staging] = "\(self.staging.folder(of: id))" }
        variables[Variable.user] = self.settings.common.userName
        variables[EngineProperties.variable] = self.properties.withoutHadoopKeys.text
        variables["SWIFT_BACKTRACE"] = "enable=no"
        let launch = ContainerLaunch(
            files: files,
            environment: variables,
            arguments: ["./\(files[0].name)"] + arguments,
            credentials: credentials
        )
        var context = ApplicationSubmissionContextProto()
        context.applicationID = id.proto
        context.applicationName = self.properties[.applicationName] ?? files[0].name
        context.queue = self.properties[.queue] ?? "default"
        context.applicationType = Self.typeName
        context.amContainerSpec = launch.proto
        // They are the user's own, who may have more to do with them.
        context.cancelTokensWhenComplete = false
        context.resource =
            ResourceVector(memoryMiB: self.sizes.masterMemory, vcores: Int64(self.sizes.masterCores)).proto
        if let tags = self.properties[.tags] {
            context.applicationTags = tags.split(separator: ",").map { $0.filter { $0 != " " } }
        }
        context.maxAppAttempts = Int32(clamping: self.attemptsMaximum)
        return context
    }

    /// The state of an application, and its end.
    package struct Report: Sendable {
        package var state: ApplicationState
        package var finalStatus: String
        package var diagnostics: String
        /// Where the application's pages are, behind the ResourceManager's proxy; nil while that is not known, and for who may not
        /// see the application.
        package var trackingURL: String?

        package var isGood: Bool {
            self.state == .finished && self.finalStatus == FinalApplicationStatus.succeeded.name
        }
    }

    /// What stands for a URL that there is not: Hadoop's word, or none.
    private static let noURLs: Set<String> = ["", "N/A"]

    /// Waits for a ResourceManager that is away for a while, as `yarn.resourcemanager.connect.max-wait.ms` says.
    package func report(_ id: ApplicationID) async throws -> Report {
        let report = try await self.connecting {
            let start = ContinuousClock.now
            while true {
                do {
                    return try await self.link.report(id)
                } catch let error as RPCConnectionError {
                    if let maximum = self.settings.resourceManagerWaitMaximum, start.duration(to: .now) > maximum {
                        throw error
                    }
                    try await Task.sleep(for: min(self.settings.resourceManagerRetryInterval, .seconds(1)))
                }
            }
        }
        return Report(
            state: ApplicationState(report.yarnApplicationState),
            finalStatus: FinalApplicationStatus(report.finalApplicationStatus).name,
            diagnostics: report.diagnostics,
            trackingURL: Self.noURLs.contains(report.trackingURL) ? nil : report.trackingURL
        )
    }

    /// Removes what was copied for an application.
    package func clean(_ submitted: Submitted) {
        guard let folder = submitted.folder else { return }
        _ = try? self.transfers.delete(folder, user: self.settings.common.userName)
    }

    package func close() async { await self.link.close() }

    // MARK: - Checks

    /// Names the address, and where it comes from, when nobody is there.
    private func connecting<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch {
            let manager = self.settings.resourceManagers[0]
            throw Failure(
                "the ResourceManager at \(manager.client) (\(manager.clientKey), \(manager.clientOrigin)): \(error)"
            )
        }
    }

    private func check(_ maximum: ResourceVector) throws {
        let needs = [
            ("an executor", self.sizes.executorMemory, self.sizes.executorCores, "spark.executor"),
            (
                "the ApplicationMaster", self.sizes.masterMemory, self.sizes.masterCores,
                self.role == .driver ? "spark.driver" : "spark.yarn.am"
            ),
        ]
        for (what, memory, cores, prefix) in needs {
            if memory > maximum.memoryMiB {
                throw Failure(
                    "\(what) needs \(memory) MiB (\(prefix).memory and \(prefix).memoryOverhead), the cluster gives a container "
                        + "\(maximum.memoryMiB) MiB at most (yarn.scheduler.maximum-allocation-mb)"
                )
            }
            if Int64(cores) > maximum.vcores {
                throw Failure(
                    "\(what) needs \(cores) cores (\(prefix).cores), the cluster gives a container \(maximum.vcores) at most "
                        + "(yarn.scheduler.maximum-allocation-vcores)"
                )
            }
        }
    }

    // MARK: - Files

    /// What is elsewhere is looked for before anything is copied.
    private func stage(_ files: [GivenFiles.File], in folder: ResourceLocation) throws -> [StagedFile] {
        let known = try files.map { self.isCopied($0) ? nil : try self.staged($0, at: $0.source) }
        return try zip(files, known).map { file, known in
            if let known { return known }
            var place = folder
            place.path += "/\(file.place)"
            try self.transfers.upload(file.source.path, to: place, user: self.settings.common.userName)
            return try self.staged(file, at: place)
        }
    }

    private func isCopied(_ file: GivenFiles.File) -> Bool { file.source.scheme == "file" && self.staging.copies }

    private func staged(_ file: GivenFiles.File, at location: ResourceLocation) throws -> StagedFile {
        let status = try self.transfers.status(of: location, user: self.settings.common.userName)
        let isWeb = location.scheme == "http" || location.scheme == "https"
        return StagedFile(
            name: file.name,
            location: location,
            // Of a web server's files neither is known, which YARN writes so.
            size: isWeb ? -1 : status.length ?? -1,
            timestamp: isWeb ? 0 : status.modificationTime ?? 0,
            kind: file.kind
        )
    }
}
