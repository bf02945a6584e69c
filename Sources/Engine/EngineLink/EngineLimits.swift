internal import HadoopRPC

/// What the system lets a process of an application have.
package enum EngineLimits {
    /// Lets this process have as many files open as the system grants.
    package static func raiseOpenFiles() { OpenFileLimit.raise() }
}
