/// The keys that Heddle reads, and their families.
package enum KnownKeys {
    package static let all: [any AnyConfigurationKey] =
        CoreKeys.all + ResourceManagerKeys.all + SchedulerKeys.all + NodeManagerKeys.all + ClientKeys.all
        + HeddleKeys.all

    package static let byName: [String: any AnyConfigurationKey] = Dictionary(
        Self.all.map { ($0.name, $0) },
        uniquingKeysWith: { first, _ in first }
    )
}
