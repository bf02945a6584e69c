/// Heddle's own keys, which Hadoop does not have.
package enum HeddleKeys {
    /// Whether daemons may listen on addresses that other machines reach while callers prove nothing
    /// (`hadoop.security.authentication` is `simple`): whoever reaches them can then run any command.
    package static let allowInsecureNetwork = ConfigurationKey<Bool>(
        "heddle.security.allow-insecure-network",
        default: "false",
        .boolean
    )
    /// Whether a NodeManager that runs as root may run containers as root.
    package static let runContainersAsRoot = ConfigurationKey<Bool>(
        "heddle.security.run-containers-as-root",
        default: "false",
        .boolean
    )
    /// The folder of the ResourceManager's store.
    package static let stateStorePath = ConfigurationKey<String>(
        "heddle.state-store.path",
        default: "${hadoop.tmp.dir}/heddle/rm-state",
        .path
    )
    /// Whether each container gets a cgroup where the NodeManager may make one.
    package static let cgroupsEnabled = ConfigurationKey<Bool>("heddle.cgroups.enabled", default: "true", .boolean)
    /// The program that holds one container; unset, `heddle-supervisor` beside the running program.
    package static let supervisorPath = ConfigurationKey<String>("heddle.container.supervisor", default: nil, .path)
    /// The port of the NodeManager's auxiliary service `heddle_shuffle`, on the host that yarn.nodemanager.address binds, where
    /// yarn.nodemanager.aux-services names the service; 0 takes a free one. Containers learn it from their environment. With
    /// recovery it should be a fixed one, since containers that go on know only the port of their start.
    package static let shufflePort = ConfigurationKey<Int>(
        "heddle.shuffle.port",
        default: "7447",
        .integer(0...Int(UInt16.max))
    )

    /// Every key of this group.
    package static let all: [any AnyConfigurationKey] = [
        allowInsecureNetwork, runContainersAsRoot, stateStorePath, cgroupsEnabled, supervisorPath, shufflePort,
    ]
}
