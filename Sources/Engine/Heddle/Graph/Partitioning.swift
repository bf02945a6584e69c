/// How the keys of a dataset are spread over its partitions. Datasets that are spread alike are joined without a shuffle.
struct Partitioning: Hashable, Sendable {
    enum Rule: Hashable, Sendable {
        /// By the key's hash.
        case hash
    }

    var rule: Rule
    var count: Int
}
