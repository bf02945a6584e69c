/// A dataset in partitions, spread over executors: Spark's resilient distributed dataset.
///
/// An RDD is a plan, not data: transformations (`map`, `filter`, `reduceByKey`, ...) return at once, and nothing is computed
/// before an action (`collect`, `count`, ...) asks for a result. A partition that is lost is computed again.
///
/// Closures run in other processes of the same program, so they may capture nothing; what they need is handed over as data:
///
/// ```swift
/// let nearest = points.map(with: centers) { centers, point in point.nearest(of: centers) }
/// ```
public struct RDD<Element: Sendable>: Sendable {
    @usableFromInline let node: Node
    /// The application that this dataset belongs to.
    public let context: HeddleContext

    @usableFromInline init(_ node: Node, _ context: HeddleContext) {
        self.node = node
        self.context = context
    }

    /// In how many parts the dataset is computed; each is one task's work.
    public var partitionCount: Int { self.node.partitionCount }

    /// A dataset whose partitions are made from those of this one of the same number.
    @usableFromInline func deriving<Output>(
        _ step: Step,
        keepsPartitioning: Bool = false,
        storage: StorageLevel? = nil
    ) -> RDD<Output> {
        let node = Node(
            step,
            parents: [self.node],
            kind: .narrow(.same(parents: 1)),
            partitionCount: self.node.partitionCount,
            storage: storage,
            partitioning: keepsPartitioning ? self.node.partitioning : nil
        )
        return RDD<Output>(node, self.context)
    }
}
