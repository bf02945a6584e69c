package import HadoopConfig
import Settings

/// What the doctor says about a configuration folder, without looking at the cluster.
package enum FolderDiagnosis {
    package static func findings(
        _ folder: ConfigurationFolder?,
        _ configuration: Configuration,
        unread: [ConfigurationProblem]
    ) -> [Finding] {
        guard let folder else { return [.problem(ConfigurationFolder.missingAdvice)] }
        var findings = unread.map(Self.finding)
        if unread.isEmpty {
            findings += Self.fileFindings(folder, configuration)
        }
        if let other = Self.otherFolder(folder, configuration.environment) {
            findings.append(other)
        }
        let remarks = SettingsCheck.problems(in: configuration)
        findings += remarks.map(Self.finding)
        if findings.allSatisfy({ $0.verdict == .ok }) {
            findings.append(.ok("no mistakes in \(configuration.setEntries.count) properties"))
        }
        return findings
    }

    private static func fileFindings(_ folder: ConfigurationFolder, _ configuration: Configuration) -> [Finding] {
        let names = configuration.files.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
        guard !names.isEmpty else {
            return [
                .problem(
                    "\(folder.path) (\(folder.source)) holds no core-site.xml, no yarn-site.xml and no other *-site.xml, "
                        + "so every key has Hadoop's default",
                    remedy: "name the folder that holds them, or copy etc-hadoop/ there"
                )
            ]
        }
        var findings = [Finding.ok("\(folder.path) (\(folder.source)): \(names.joined(separator: ", "))")]
        if !names.contains("yarn-site.xml") {
            findings.append(
                .warning(
                    "\(folder.path) holds no yarn-site.xml; that is where clients look for the ResourceManager",
                    remedy: "set yarn.resourcemanager.hostname in \(folder.path)/yarn-site.xml"
                )
            )
        }
        return findings
    }

    /// Spark and Hadoop read HADOOP_CONF_DIR before YARN_CONF_DIR; two different ones are a trap.
    private static func otherFolder(_ folder: ConfigurationFolder, _ environment: ConfigurationEnvironment) -> Finding?
    {
        guard let hadoop = environment.variables["HADOOP_CONF_DIR"], !hadoop.isEmpty,
            let yarn = environment.variables["YARN_CONF_DIR"], !yarn.isEmpty, hadoop != yarn
        else { return nil }
        return .warning(
            "HADOOP_CONF_DIR is \(hadoop) and YARN_CONF_DIR is \(yarn); \(folder.path) was looked at",
            remedy: "unset YARN_CONF_DIR, or let both name one folder"
        )
    }

    private static func finding(_ problem: ConfigurationProblem) -> Finding {
        switch problem.severity {
        case .error: .problem("\(problem)")
        case .warning: .warning("\(problem)")
        case .notice: .ok("\(problem)")
        }
    }
}
