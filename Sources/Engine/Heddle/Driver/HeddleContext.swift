internal import ApplicationMaster
internal import EngineCore
internal import Synchronization

/// An application's hold on its executors: where its datasets begin. Spark's `SparkContext`.
public final class HeddleContext: Sendable {
    let driver: Driver
    let backend: any ExecutorBackend
    private let events: EventLog?
    private let pages: LiveServer?
    private let progress: ConsoleProgress?
    private let shipped: ShippedFiles?
    let settings = Mutex(ContextSettings())

    /// Where tasks run in local mode; nil where they run in other processes.
    var local: LocalBackend? { self.backend as? LocalBackend }

    /// Where the application's pages are while it runs, if it has any (`spark.ui.enabled`): Spark's `uiWebUrl`.
    public var pagesURL: String? { self.pages?.url }

    /// How many tasks can run at a time: into so many parts a dataset is cut where nothing else is said.
    public let defaultParallelism: Int

    /// Starts an application. In a process that was started as an executor of one, this never returns: the process works for
    /// its driver. So nothing that only the driver should do may stand before it, and variables of a `main.swift` have no value
    /// in executors' closures. Actions refuse closures that read them, as far as the program's symbols are there and its code
    /// calls what reads them directly: hand such values over (`map(with:)`), or write an ``Application``, where they are local.
    ///
    /// - Parameter master: where tasks run; Spark's names. `local`, `local[N]`, `local[*]` or `local[N,F]`: with N threads of
    ///   this process (`*`: as many as it has processors) and F runs of a task that fails. `local-cluster[n,c,m]`: in n
    ///   processes of this machine with c threads each. `yarn`: on the cluster that HADOOP_CONF_DIR leads to. Where it is not
    ///   said: what the program was submitted with, else `local[*]`.
    /// - Parameter properties: `spark.*` properties of the program's own, which come before those it was submitted with.
    /// - Throws: `HeddleError` where the master is of another form or cannot be had, and where a property cannot be used.
    public convenience init(master: String? = nil, properties: [String: String] = [:]) throws {
        try RemoteExecutor.takeOver()
        try MasterProcess.takeOver()
        let master = master ?? ExecutorEnvironment.variable(Submission.Variable.master) ?? "local[*]"
        var all = EngineProperties(text: ExecutorEnvironment.variable(EngineProperties.variable) ?? "")
        all.merge(properties)
        try self.init(ApplicationStart.make(master, all))
    }

    init(_ start: ApplicationStart) throws {
        let clock = EngineClock()
        self.shipped = start.shipped
        if let shipped = start.shipped { HeddleFiles.folder.withLock { $0 = shipped.folder } }
        self.events = try start.events(clock)
        self.defaultParallelism = start.parallelism
        self.backend = start.backend
        self.driver = Driver(
            settings: start.settings,
            backend: start.backend,
            events: self.events,
            stageEnded: try start.stageLines(),
            clock: clock
        )
        self.pages = try start.livePages(of: self.driver)
        self.progress = try start.progress(of: self.driver)
        try start.begin(self.driver, self.pages?.url)
        // A program may end without having stopped its context.
        if let events = self.events { ProcessEnd.atExit { [weak events] _ in events?.end() } }
    }

    deinit { self.stop(failure: self.driver.lastFailure) }

    /// Ends the application: jobs that run fail, executors end.
    ///
    /// A context that nobody holds any more does this by itself; the application then counts as failed if its last job did.
    public func stop() { self.stop(failure: nil) }

    private func stop(failure: String?) {
        self.progress?.stop()
        self.driver.tell(.driverStopped)
        self.backend.stop(failure: failure)
        self.events?.end()
        self.pages?.stop()
        if let shipped {
            HeddleFiles.folder.withLock { if $0 == shipped.folder { $0 = nil } }
            shipped.remove()
        }
    }

    /// A dataset of elements that the program has.
    @inlinable public func parallelize<Element: Codable & Sendable>(
        _ elements: some Collection<Element>,
        partitions: Int? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Element> {
        let count = max(1, partitions ?? self.defaultParallelism)
        var step = Step("parallelize", at: SourceSite(file, line), SliceSource<Element>.self) {
            try SliceSource<Element>.open($0)
        }
        let all = Array(elements)
        var slices: [[UInt8]] = []
        do {
            for number in 0..<count {
                let part = all[(all.count * number / count)..<(all.count * (number + 1) / count)]
                slices.append(try Portable.encode(Array(part)))
            }
        } catch {
            step = step.refusing("\(error)")
            slices = Array(repeating: [], count: count)
        }
        return RDD(self.source(step, slices), self)
    }

    @usableFromInline func source(_ step: Step, _ slices: [[UInt8]]) -> Node {
        Node(step, parents: [], kind: .narrow(.same(parents: 0)), partitionCount: slices.count, slices: slices)
    }

    /// Runs an action on some partitions of a dataset, or on all.
    @usableFromInline func run(
        _ action: Step,
        on node: Node,
        partitions: Range<Int>? = nil
    ) async throws -> [[UInt8]] {
        if let fault = action.fault ?? node.fault { throw HeddleError.graph("\(fault)") }
        let stages = StageBuilder(action: action, on: node).stages
        if let fault = stages.lazy.flatMap(\.plan.steps).compactMap(\.variableFault).first {
            throw HeddleError.graph("\(fault)")
        }
        if stages.contains(where: { $0.broadcasts.contains { $0.parameter == nil } }) {
            throw HeddleError.graph("\(action.site): \(action.operation) needs a broadcast that was destroyed")
        }
        let label = self.label
        let name = label.description ?? "\(action.operation) at \(action.site)"
        return try await self.driver.run(
            stages,
            partitions: partitions ?? 0..<node.partitionCount,
            name: name,
            label: label
        )
    }

    func forget(_ node: Node) { self.driver.forget(node.identity) }
}

@usableFromInline struct SliceSource<Element: Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        Stream<Element>(try input.slice(as: [Element].self))
    }
}

/// Why a job has no result.
public enum HeddleError: Error, Sendable {
    /// The program asks for what cannot run in another process.
    case graph(String)
    /// A task failed too often.
    case job(String)
}

extension HeddleError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .graph(let text), .job(let text): text
        }
    }
}
