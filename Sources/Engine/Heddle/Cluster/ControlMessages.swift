/// What driver and executors say to each other over a control connection. Each is written by `Portable`: both ends are the
/// same program, which the first message proves.
enum ControlMethod {
    /// `Registration` to `Welcome`.
    static let register = "registerExecutor"
    /// `Exchange` to `Orders`.
    static let exchange = "exchange"
    /// A plan's `Digest` to a `SentPlan`.
    static let plan = "getPlan"
    /// A shuffle's `Digest` to `OutputPlaces`.
    static let outputs = "getOutputPlaces"
    /// `Departure` to nothing: the executor ends when it is answered.
    static let leave = "leave"
}

/// An executor's first words.
struct Registration: Codable, Sendable {
    var executor: Int
    /// Where its blocks are fetched.
    var host: String
    var blockPort: Int
    /// How many tasks it runs at a time.
    var cores: Int
    var program: String
    /// Of the NodeManager's service that serves what the executor hands over; nil where there is none.
    var servicePort: Int?
}

/// An executor was told to leave and has done so.
struct Departure: Codable, Sendable {
    var executor: Int
    /// Whether all that its map tasks wrote is where the NodeManager's service finds it.
    var handedOver: Bool
}

/// The driver's answer; an executor that is refused ends.
struct Welcome: Codable, Sendable {
    /// Where the driver's blocks are fetched: values that are too large to travel with a plan.
    var blockPort: Int
}

/// What an executor has to tell, and its wish for work.
struct Exchange: Codable, Sendable {
    var executor: Int
    var ended: [EndedTask]
    /// Partitions of datasets that it keeps since it was heard last, or no longer.
    var blocks: [BlockChange] = []
    /// Whether the driver keeps the question until it has something to say: an executor always has one such question open.
    var waits: Bool
}

/// How a task ended.
struct EndedTask: Codable, Sendable {
    var task: Int64
    var outcome: Outcome

    enum Outcome: Codable, Sendable {
        case made(TaskProduct)
        /// A result that is too large for an answer: the driver fetches it.
        case madeLarge(LargeResult, updates: [AccumulatorUpdate], metrics: TaskMetrics)
        case fault(TaskFault)
    }

    /// A result of more bytes travels as a block.
    static let resultMaximum = 1 << 20
}

/// What an executor is to do.
struct Orders: Codable, Sendable {
    var tasks: [OrderedTask] = []
    /// Plans that the executor has not seen.
    var plans: [SentPlan] = []
    var kills: [Int64] = []
    var forgottenDatasets: [Digest] = []
    var forgottenShuffles: [Digest] = []
    var forgottenValues: [Digest] = []
    /// Large results that the driver has, or wants no longer.
    var fetchedResults: [Int64] = []
    var copies: [CopyOrder] = []
    /// Hand over what map tasks wrote, then end.
    var leaves = false
    var stops = false

    var isEmpty: Bool {
        !self.stops && !self.leaves && self.tasks.isEmpty && self.kills.isEmpty && self.forgottenDatasets.isEmpty
            && self.forgottenShuffles.isEmpty && self.forgottenValues.isEmpty && self.fetchedResults.isEmpty
            && self.copies.isEmpty
    }
}

struct OrderedTask: Codable, Sendable {
    var task: Int64
    /// Places of outputs that were learned at an earlier version are out of date.
    var outputsVersion: Int
    /// Where partitions are that it reads and that other executors keep.
    var kept: [KeptPlace] = []
    var order: TaskOrder
}

/// Where a kept partition is fetched.
struct KeptPlace: Codable, Hashable, Sendable {
    var dataset: Digest
    var partition: Int
    var server: OutputPlaces.Server

    var block: BlockStore.Key { BlockStore.Key(dataset: self.dataset, partition: self.partition) }
}

/// A partition that is to be fetched and kept.
struct CopyOrder: Codable, Hashable, Sendable {
    var place: KeptPlace
    var usesMemory: Bool
    var usesDisk: Bool
}

struct SentPlan: Codable, Sendable {
    var digest: Digest
    var bytes: [UInt8]
    /// Values that are fetched as blocks.
    var values: [Digest]
    var shuffle: Digest?

    init(digest: Digest, bytes: [UInt8], values: [Digest], shuffle: Digest?) {
        self.digest = digest
        self.bytes = bytes
        self.values = values
        self.shuffle = shuffle
    }

    init(_ plan: EncodedPlan) {
        self.digest = plan.digest
        self.bytes = plan.bytes
        self.values = plan.values.map(\.digest)
        self.shuffle = plan.shuffle
    }
}

/// Where executors keep what map tasks wrote; tasks that wrote nothing are not among them.
struct OutputPlaces: Codable, Sendable {
    struct Place: Codable, Sendable {
        var mapTask: Int
        var executor: Int
    }

    struct Server: Codable, Hashable, Sendable {
        var executor: Int
        var host: String
        var port: Int
        /// What stands before the names of its blocks: a service has those of many executors.
        var folder = ""
    }

    /// False while a map task's output is missing.
    var isComplete: Bool
    var places: [Place]
    var servers: [Server]
}

/// The names of blocks.
enum BlockName {
    private static let valuePrefix = "value/"

    static func value(_ digest: Digest) -> String { "\(self.valuePrefix)\(digest)" }

    /// - Returns: nil for the name of something else.
    static func valueDigest(_ name: String) -> Digest? {
        name.hasPrefix(self.valuePrefix) ? Digest(String(name.dropFirst(self.valuePrefix.count))) : nil
    }

    private static let resultPrefix = "result/"

    static func result(_ task: Int64) -> String { "\(self.resultPrefix)\(task)" }

    /// - Returns: nil for the name of something else.
    static func resultTask(_ name: String) -> Int64? {
        name.hasPrefix(self.resultPrefix) ? Int64(name.dropFirst(self.resultPrefix.count)) : nil
    }

    /// A kept partition, as `OutputBundle` packs the output of a map task 0.
    struct Kept: Hashable {
        private static let prefix = "kept"

        var block: BlockStore.Key
        /// Where it begins.
        var frame: Int
        /// After so many bytes it ends, with a whole frame.
        var limit: Int64

        var text: String {
            "\(Self.prefix)/\(self.block.dataset)/\(self.block.partition)/\(self.frame)/\(self.limit)"
        }

        init(_ block: BlockStore.Key, frame: Int, limit: Int64) {
            self.block = block
            self.frame = frame
            self.limit = limit
        }

        /// - Returns: nil for the name of something else.
        init?(_ text: String) {
            let parts = text.split(separator: "/")
            guard parts.count == 5, parts[0] == Self.prefix, let digest = Digest(String(parts[1])) else { return nil }
            let numbers = parts[2...].compactMap { Int($0) }
            guard numbers.count == 3, numbers.allSatisfy({ $0 >= 0 }) else { return nil }
            self.init(
                BlockStore.Key(dataset: digest, partition: numbers[0]),
                frame: numbers[1],
                limit: Int64(numbers[2])
            )
        }
    }

    /// What an executor's map tasks wrote for one partition, as `OutputBundle` packs it.
    struct Shuffle: Hashable {
        private static let prefix = "shuffle"

        var digest: Digest
        var partition: Int
        /// Where it begins: this map task's frame of this number. The map tasks behind it follow.
        var mapTask: Int
        var frame: Int
        /// After so many bytes it ends, with a whole frame.
        var limit: Int64

        var text: String {
            "\(Self.prefix)/\(self.digest)/\(self.partition)/\(self.mapTask)/\(self.frame)/\(self.limit)"
        }

        init(_ digest: Digest, partition: Int, mapTask: Int, frame: Int, limit: Int64) {
            self.digest = digest
            self.partition = partition
            self.mapTask = mapTask
            self.frame = frame
            self.limit = limit
        }

        /// - Returns: nil for the name of something else.
        init?(_ text: String) {
            let parts = text.split(separator: "/")
            guard parts.count == 6, parts[0] == Self.prefix, let digest = Digest(String(parts[1])) else { return nil }
            let numbers = parts[2...].compactMap { Int($0) }
            guard numbers.count == 4, numbers.allSatisfy({ $0 >= 0 }) else { return nil }
            self.init(
                digest,
                partition: numbers[0],
                mapTask: numbers[1],
                frame: numbers[2],
                limit: Int64(numbers[3])
            )
        }
    }
}
