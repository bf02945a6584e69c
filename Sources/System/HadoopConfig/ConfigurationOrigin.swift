/// Where a property's value stands.
package enum ConfigurationOrigin: Hashable, Sendable, CustomStringConvertible {
    /// Line `line` (1 is the first) of the file at `path`; 0 where it is the file that matters.
    case file(path: String, line: Int)
    /// Not set anywhere: Hadoop's default, as `resource` (`core-default.xml`, `yarn-default.xml`) gives it.
    case defaultValue(resource: String)
    /// Set by a program: a command-line flag, `heddle up`, a test.
    case program(String)

    /// The name that Hadoop's `/conf` shows as a property's `resource`.
    package var resource: String {
        switch self {
        case .file(let path, _): path.split(separator: "/").last.map(String.init) ?? path
        case .defaultValue(let resource): resource
        case .program(let name): name
        }
    }

    package var description: String {
        switch self {
        case .file(let path, let line): line == 0 ? path : "\(path):\(line)"
        case .defaultValue(let resource): "default (\(resource))"
        case .program(let name): name
        }
    }
}
