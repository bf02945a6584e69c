/// `launch_container.sh`: sets the environment and becomes the command.
///
/// Values and the command stand raw between double quotes. Clients rely on it: what Spark sends is escaped for exactly
/// this double reading, and values may refer to other variables. Nothing here is quoted again.
///
/// The lines are those of Hadoop's script. What Hadoop's script does with `ln`, `cp`, `ls` and `find` the NodeManager has
/// already done when this one starts, so a container starts with two programs instead of ten.
package struct LaunchScript: Sendable, Equatable {
    package var text: String

    /// - Parameters:
    ///   - commands: joined by single spaces after expansion, never split or quoted.
    ///   - logDirectory: the container's own log folder.
    package init(commands: [String], environment: ContainerEnvironment, logDirectory: String) {
        let expansion = TextExpansion(logDirectory: logDirectory)
        var lines = [
            "#!/bin/bash",
            "",
            "set -o pipefail -e",
            "export PRELAUNCH_OUT=\"\(logDirectory)/prelaunch.out\"",
            "exec >\"${PRELAUNCH_OUT}\"",
            "export PRELAUNCH_ERR=\"\(logDirectory)/prelaunch.err\"",
            "exec 2>\"${PRELAUNCH_ERR}\"",
            "echo \"Setting up env variables\"",
        ]
        for variable in environment.inherited {
            lines.append("export \(variable.name)=${\(variable.name):-\"\(variable.value)\"}")
        }
        for variable in environment.set {
            lines.append("export \(variable.name)=\"\(variable.value)\"")
        }
        lines.append("echo \"Setting up job resources\"")
        lines.append("echo \"Launching container\"")
        let command = commands.map(expansion.expand).joined(separator: " ")
        lines.append("exec /bin/bash -c \"\(command)\"")
        self.text = lines.joined(separator: "\n") + "\n"
    }
}
