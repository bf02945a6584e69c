internal import AggregatedLogs
internal import ApplicationMaster
internal import EngineCore
internal import EngineLink
internal import HadoopConfig
internal import Logging
internal import Settings
internal import Staging

/// What a context is made of, by the master that was asked for.
struct ApplicationStart {
    /// What the scheduler is configured with.
    var settings = EngineSettings()
    /// How many tasks can run at a time.
    var parallelism: Int
    var backend: any ExecutorBackend
    var application: EventLog.Application
    /// Who sees the application's pages.
    var pages = PagesPlan()
    /// What came with it, where its tasks run on this machine.
    var shipped: ShippedFiles?
    /// Gets the first executors; told where the application's pages are.
    var begin: (Driver, _ pages: String?) throws -> Void

    /// Where and for whom an application has pages. Without anybody's wish in local mode there are none: it is to start at once.
    struct PagesPlan: Sendable {
        var areStandard = false
        var host = "127.0.0.1"
        /// Whether any free port will do, as in a container.
        var anyPort = false
        /// Hosts whose proxy shows them.
        var proxies: [String] = []
    }

    static func make(_ master: String, _ properties: EngineProperties) throws -> ApplicationStart {
        let problems = properties.problems(master: master)
        guard problems.isEmpty else {
            throw HeddleError.job(problems.map(\.description).joined(separator: "\n"))
        }
        FileAccess.use(properties)
        do {
            var start: ApplicationStart
            if master == "yarn" {
                start = try self.yarn(properties)
            } else if let cluster = try LocalClusterMaster(master) {
                start = try self.localCluster(cluster, properties)
            } else {
                start = try self.local(try LocalMaster(master), properties)
            }
            // Local mode has no process that could fall silent.
            try start.settings.apply(properties, hasProcesses: start.backend is RemoteBackend)
            start.application.properties = properties.values.merging([EngineProperty.master.name: master]) { $1 }
            if let name = properties[.applicationName] { start.application.name = name }
            return start
        } catch let error as HeddleError {
            throw error
        } catch {
            throw HeddleError.job("\(error)")
        }
    }

    private static func application(_ id: String) -> EventLog.Application {
        let program = ProgramFile.path.split(separator: "/").last.map(String.init) ?? "program"
        let user = ConfigurationEnvironment.process.hadoopUserName
        return EventLog.Application(id: id, name: program, user: user, properties: [:])
    }

    private static var localID: String { "local-\(CalendarClock.milliseconds)" }

    private static func local(_ master: LocalMaster, _ properties: EngineProperties) throws -> ApplicationStart {
        // Without a limit of the user's there is no container whose share it would be.
        let given = try properties[.driverMemory].map { _ in
            try properties.mebibytes(.driverMemory, default: 0)
        }
        let memory = try MemorySettings(properties, memory: given, cores: 1)
        try properties.checkTaskCores(of: master.threads)
        var start = ApplicationStart(
            parallelism: master.threads,
            backend: LocalBackend(memory),
            application: self.application(self.localID),
            shipped: try ShippedFiles(properties)
        ) { driver, _ in
            driver.tell(.driverStarted)
            driver.tell(
                .executorAdded(ExecutorDescription(id: .driver, host: "localhost", cores: master.threads))
            )
        }
        start.settings.maximumTaskFailures = master.failuresMaximum
        return start
    }

    private static func localCluster(
        _ master: LocalClusterMaster,
        _ properties: EngineProperties
    ) throws -> ApplicationStart {
        let id = self.localID
        let logger = try EngineLog.logger("heddle.driver", properties)
        try properties.checkTaskCores(of: master.cores)
        let shipped = try ShippedFiles(properties)
        let backend = RemoteBackend(
            cluster: try LocalCluster(master, properties, shipped),
            secret: ApplicationSecret(application: id)
        )
        var start = ApplicationStart(
            parallelism: master.executors * master.cores,
            backend: backend,
            application: self.application(id),
            shipped: shipped
        ) { driver, pages in
            try backend.start(driver, host: "127.0.0.1", pages: pages, logger: logger)
            driver.tell(.driverStarted)
        }
        start.pages.areStandard = true
        start.settings.allocation.fixedExecutors = master.executors
        start.settings.allocation.coresPerExecutor = master.cores
        return start
    }

    /// In an ApplicationMaster's container the driver is its own master; elsewhere one is submitted.
    private static func yarn(_ properties: EngineProperties) throws -> ApplicationStart {
        let logger = try EngineLog.logger("heddle.driver", properties)
        if var environment = try MasterEnvironment(.driver, ExecutorEnvironment.variable) {
            // With those that the program itself has set.
            environment.properties = properties
            let sizes = try EngineSizes(properties, isCluster: true)
            let pages = PagesPlan(
                areStandard: true,
                host: environment.host,
                anyPort: true,
                proxies: [environment.scheduler.host]
            )
            let source = ClusterModeExecutors(environment, sizes, logger: logger)
            var start = try self.cluster(source, sizes, properties, pages, environment.application, logger)
            start.application.attempt = environment.attempt
            return start
        }
        let configuration = try Configuration.load(commandLineDirectory: nil)
        let source = try ClientModeExecutors(configuration, properties, logger: logger)
        let host = properties[.driverHost] ?? source.ownAddress
        let pages = PagesPlan(areStandard: true, host: host, proxies: source.proxies)
        return try self.cluster(source, source.sizes, properties, pages, "\(source.application)", logger)
    }

    /// - Parameter pages: its host is the driver's, as executors see it.
    private static func cluster(
        _ source: any ExecutorSource,
        _ sizes: EngineSizes,
        _ properties: EngineProperties,
        _ pages: PagesPlan,
        _ id: String,
        _ logger: Logger
    ) throws -> ApplicationStart {
        let backend = RemoteBackend(cluster: source, secret: ApplicationSecret(application: id))
        var start = ApplicationStart(
            parallelism: max(2, sizes.executors * sizes.executorCores),
            backend: backend,
            application: self.application(id),
            pages: pages
        ) { driver, url in
            try backend.start(driver, host: pages.host, pages: url, logger: logger)
            driver.tell(.driverStarted)
        }
        try start.settings.allocation.apply(properties, sizes)
        return start
    }

    // MARK: - Pages

    /// As `spark.ui.enabled` and `spark.ui.port` say.
    func livePages(of driver: Driver) throws -> LiveServer? {
        let properties = EngineProperties(self.application.properties)
        do {
            guard try properties.flag(.pages, default: self.pages.areStandard) else { return nil }
            return try LiveServer.start(
                properties,
                host: self.pages.host,
                anyPort: self.pages.anyPort,
                proxies: self.pages.proxies,
                logger: EngineLog.logger("heddle.pages", properties),
                self.status(of: driver)
            )
        } catch {
            throw HeddleError.job("\(error)")
        }
    }

    /// As `spark.ui.showConsoleProgress` says.
    func progress(of driver: Driver) throws -> ConsoleProgress? {
        do {
            return try ConsoleProgress.start(EngineProperties(self.application.properties), self.status(of: driver))
        } catch {
            throw HeddleError.job("\(error)")
        }
    }

    /// The same where nobody looks at a terminal.
    func stageLines() throws -> (@Sendable (StageReport) -> Void)? {
        do {
            return try StageLine.printer(EngineProperties(self.application.properties))
        } catch {
            throw HeddleError.job("\(error)")
        }
    }

    private func status(of driver: Driver) -> @Sendable () -> LiveStatus {
        let (application, startedAt) = (self.application, CalendarClock.milliseconds)
        return { driver.status(of: application, startedAt: startedAt) }
    }

    // MARK: - Event log

    /// As `spark.eventLog.enabled` and `spark.eventLog.dir` say.
    func events(_ clock: EngineClock) throws -> EventLog? {
        let properties = EngineProperties(self.application.properties)
        do {
            guard try properties.flag(.eventLog, default: false) else { return nil }
            let place =
                try properties.place(.eventLogFolder) ?? ResourceLocation(scheme: "file", path: "/tmp/spark-events")
            return EventLog(self.application, sink: try self.sink(place), clock: clock)
        } catch let error as HeddleError {
            throw error
        } catch {
            throw HeddleError.job("\(error)")
        }
    }

    private func sink(_ place: ResourceLocation) throws -> any EventSink {
        if place.scheme == "file" { return try FileEventSink(folder: place.path, name: self.application.logName) }
        return try RemoteEventSink(place, name: self.application.logName, FileAccess.current)
    }
}
