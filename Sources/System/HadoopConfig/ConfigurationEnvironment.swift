import Glibc

/// What a configuration may refer to outside its files: `${env.NAME}` and Java's system properties.
package struct ConfigurationEnvironment: Hashable, Sendable {
    /// The process's environment variables.
    package var variables: [String: String]
    /// Names that Java has as system properties (`user.name`, `java.io.tmpdir`); they win over keys of the same name.
    package var systemProperties: [String: String]

    package init(variables: [String: String] = [:], systemProperties: [String: String] = [:]) {
        self.variables = variables
        self.systemProperties = systemProperties
    }

    /// That of this process.
    package static var process: ConfigurationEnvironment {
        let variables = Self.processVariables()
        return ConfigurationEnvironment(
            variables: variables,
            systemProperties: Self.systemProperties(variables: variables)
        )
    }

    /// The user whom Hadoop's clients act as with simple authentication: HADOOP_USER_NAME, or the process's own user.
    package var hadoopUserName: String {
        if let name = self.variables["HADOOP_USER_NAME"], !name.isEmpty {
            return name
        }
        return self.systemProperties["user.name"] ?? ""
    }

    /// The folder that HADOOP_CONF_DIR names, or YARN_CONF_DIR, with the variable's name.
    package var configurationDirectory: (variable: String, path: String)? {
        for variable in ["HADOOP_CONF_DIR", "YARN_CONF_DIR"] {
            if let path = self.variables[variable], !path.isEmpty {
                return (variable, path)
            }
        }
        return nil
    }

    private static func processVariables() -> [String: String] {
        var variables: [String: String] = [:]
        var entry = unsafe environ
        while let text = unsafe entry.pointee {
            let assignment = unsafe String(cString: text)
            if let equals = assignment.firstIndex(of: "=") {
                variables[String(assignment[..<equals])] = String(assignment[assignment.index(after: equals)...])
            }
            unsafe entry += 1
        }
        return variables
    }

    private static func systemProperties(variables: [String: String]) -> [String: String] {
        var properties = [
            "java.io.tmpdir": "/tmp",
            "user.name": variables["USER"] ?? "",
            "user.home": variables["HOME"] ?? "/",
            "file.separator": "/",
            "path.separator": ":",
            "line.separator": "\n",
        ]
        // The account of the real uid, as Java asks for it: USER may say anything.
        if let account = unsafe getpwuid(getuid()) {
            properties["user.name"] = unsafe String(cString: account.pointee.pw_name)
            properties["user.home"] = unsafe String(cString: account.pointee.pw_dir)
        }
        if properties["user.name"]?.isEmpty ?? true {
            properties["user.name"] = String(getuid())
        }
        if let directory = Self.workingDirectory() {
            properties["user.dir"] = directory
        }
        // Hadoop's start scripts hand the log folder to Java as a system property.
        for variable in ["HADOOP_LOG_DIR", "YARN_LOG_DIR"] {
            if let path = variables[variable], !path.isEmpty {
                properties["yarn.log.dir"] = path
                properties["hadoop.log.dir"] = path
                break
            }
        }
        return properties
    }

    private static func workingDirectory() -> String? {
        guard let path = unsafe getcwd(nil, 0) else { return nil }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }
}
