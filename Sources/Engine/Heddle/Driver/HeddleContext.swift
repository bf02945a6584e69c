internal import EngineCore
internal import Synchronization

/// An application's hold on its executors: where its datasets begin. Spark's `SparkContext`.
public final class HeddleContext: Sendable {
    let driver: Driver
    let backend: LocalBackend
    let settings = Mutex(ContextSettings())

    /// How many tasks can run at a time: into so many parts a dataset is cut where nothing else is said.
    public let defaultParallelism: Int

    /// - Parameter master: where tasks run: `local`, `local[N]`, `local[*]` or `local[N,F]`, with N threads of this process
    ///   (`*`: as many as it has processors) and F runs of a task that fails. Spark's names.
    /// - Throws: `HeddleError` where the master is of another form.
    public init(master: String = "local[*]") throws {
        let local = try LocalMaster(master)
        var settings = EngineSettings()
        settings.maximumTaskFailures = local.failuresMaximum
        self.defaultParallelism = local.threads
        self.backend = LocalBackend()
        self.driver = Driver(settings: settings, backend: self.backend)
        self.driver.tell(.driverStarted)
        self.driver.tell(.executorAdded(ExecutorDescription(id: .driver, host: "localhost", cores: local.threads)))
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
        if stages.contains(where: { $0.broadcasts.contains { $0.parameter == nil } }) {
            throw HeddleError.graph("\(action.site): \(action.operation) needs a broadcast that was destroyed")
        }
        let label = self.label
        let name = label.description ?? "\(action.operation) at \(action.site)"
        return try await self.driver.run(
            stages,
            partitions: partitions ?? 0..<node.partitionCount,
            name: name,
            group: label.group
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
