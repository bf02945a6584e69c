internal import ApplicationMaster
internal import CLinux
internal import EngineCore
internal import Glibc
internal import Synchronization

/// What an executor keeps for later.
enum StoredBlock: Hashable, Sendable {
    case partition(BlockStore.Key)
    case output(ShuffleStore.Key)
}

/// How much memory an executor may use, and how it keeps what goes to disk.
struct MemorySettings: Hashable, Sendable {
    /// What tasks and kept blocks may hold together, in bytes.
    var limit: Int64
    /// The part of it that tasks leave to kept blocks.
    var storageShare: Int64
    /// Nil where the executor was given no memory of its own.
    var givesBack: MemoryReturn?
    /// `spark.shuffle.compress`
    var compressesShuffles = true
    /// `spark.rdd.compress`
    var compressesBlocks = false
    /// `spark.local.dir`
    var localFolders: String?
    /// `spark.reducer.maxSizeInFlight`: what a task may have of other executors' answers at a time, in bytes.
    var inFlight: Int64

    /// What the program itself takes of an executor's memory, in MiB: code, threads, buffers of connections. Spark reserves 300
    /// for a JVM.
    private static let reserved: Int64 = 64

    /// Answers that are on their way are not shared out among tasks; so all tasks together have no more of them than this part
    /// of the executor's memory, however much a property says.
    private static let partInFlight: Int64 = 4

    /// - Parameters:
    ///   - memory: MiB that the executor was given; nil: half of what the machine has.
    ///   - cores: how many tasks may run at a time.
    /// - Throws: where a property cannot be used.
    init(_ properties: EngineProperties, memory: Int64?, cores: Int) throws(EngineProperties.Unusable) {
        let given = memory ?? Self.machineMemory / 2
        let fraction = try properties.share(.memoryFraction, default: 0.6)
        let storage = try properties.share(.storageFraction, default: 0.5)
        self.limit = Int64(Double(max(given - Self.reserved, given / 2) << 20) * fraction)
        self.storageShare = Int64(Double(self.limit) * storage)
        self.givesBack = memory.map { MemoryReturn(given: $0 << 20, reserved: Self.reserved << 20) }
        self.compressesShuffles = try properties.flag(.compressesShuffles, default: true)
        self.compressesBlocks = try properties.flag(.compressesBlocks, default: false)
        self.localFolders = properties[.localFolders]
        let inFlight = try properties.bytes(.sizeInFlight, default: 48 << 20)
        self.inFlight = min(inFlight, self.limit / Self.partInFlight / Int64(max(1, cores)))
        // There is one.
        _ = try properties.word(.codec)
    }

    /// In MiB.
    private static var machineMemory: Int64 {
        (Int64(sysconf(Int32(_SC_PHYS_PAGES))) * Int64(sysconf(Int32(_SC_PAGESIZE)))) >> 20
    }
}

/// Shares an executor's memory out among tasks and kept blocks, and sees to it that what has to go for others does.
final class ExecutorMemory: Sendable {
    private let book: Mutex<MemoryBook<StoredBlock>>
    private let givesBack: MemoryReturn?
    /// Lets a block go from memory, to disk where it may not be lost.
    private let evict: @Sendable (StoredBlock) -> Void

    init(_ settings: MemorySettings, evict: @escaping @Sendable (StoredBlock) -> Void) {
        self.book = Mutex(MemoryBook(limit: settings.limit, storageShare: settings.storageShare))
        self.givesBack = settings.givesBack
        self.evict = evict
    }

    func begin(task: Int64) { self.book.withLock { $0.begin(task: task) } }

    func end(task: Int64) {
        let (most, held) = self.book.withLock { book in
            (book.end(task: task), book.executionBytes + book.storageBytes)
        }
        guard let givesBack = self.givesBack, givesBack.isWorthALook(after: most) else { return }
        if givesBack.isDue(resident: heddle_private_memory(), held: held) { heddle_trim_memory() }
    }

    /// - Returns: whether the task may hold so many bytes more.
    func reserve(_ bytes: Int, for task: Int64, sparing group: Int64?) -> Bool {
        guard let gone = self.book.withLock({ $0.reserve(Int64(bytes), for: task, sparing: group) }) else {
            return false
        }
        for block in gone { self.evict(block) }
        return true
    }

    func release(_ bytes: Int, of task: Int64) { self.book.withLock { $0.release(Int64(bytes), of: task) } }

    /// - Returns: whether there is room for the block.
    func keep(_ block: StoredBlock, bytes: Int, group: Int64? = nil) -> Bool {
        guard let gone = self.book.withLock({ $0.keep(block, bytes: Int64(bytes), group: group) }) else { return false }
        for block in gone { self.evict(block) }
        return true
    }

    func use(_ block: StoredBlock) { self.book.withLock { $0.use(block) } }

    func drop(_ block: StoredBlock) { self.book.withLock { $0.drop(block) } }

    /// What tasks and kept blocks hold, in bytes.
    var used: (tasks: Int64, blocks: Int64) { self.book.withLock { ($0.executionBytes, $0.storageBytes) } }
}

/// What one step of a task gathers in memory. It may always hold a little; for more it asks.
@usableFromInline final class MemoryUse {
    private let memory: ExecutorMemory
    private let task: Int64
    private let spared: Int64?
    private var held = 0

    /// What a step may hold without asking, in bytes.
    static let unasked = 1 << 20

    /// - Parameter group: blocks that are not to go for it.
    init(_ task: TaskScope, sparing group: Int64?) {
        self.memory = task.executor.memory
        self.task = task.number
        self.spared = group
    }

    @usableFromInline convenience init(_ task: TaskScope) { self.init(task, sparing: nil) }

    deinit { self.release() }

    /// Whether the step may hold so many bytes in all.
    @usableFromInline func grows(to bytes: Int) -> Bool {
        let missing = bytes - self.held - Self.unasked
        if missing <= 0 { return true }
        // More than is missing, so that it is not asked for each batch.
        for wanted in [max(missing, self.held / 2, 4 << 20), missing] {
            guard self.memory.reserve(wanted, for: self.task, sparing: self.spared) else { continue }
            self.held += wanted
            return true
        }
        return false
    }

    /// Gives back what was asked for.
    @usableFromInline func release() {
        if self.held > 0 { self.memory.release(self.held, of: self.task) }
        self.held = 0
    }
}
