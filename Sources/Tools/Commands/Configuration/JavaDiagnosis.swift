import Foundation
import Glibc
package import HadoopConfig

/// Heddle needs no Java; Spark's, MapReduce's and Flink's containers start with `$JAVA_HOME/bin/java`, and NodeManagers
/// hand their own JAVA_HOME to containers that bring none.
package enum JavaDiagnosis {
    package static func findings(_ environment: ConfigurationEnvironment) -> [Finding] {
        let onPath = javaHome(path: environment.variables["PATH"] ?? "")
        guard let home = environment.variables["JAVA_HOME"], !home.isEmpty else {
            let remedy = onPath.map { "export JAVA_HOME=\($0) before the NodeManagers start" }
            return [
                .warning(
                    "JAVA_HOME is not set; containers of Spark, MapReduce and Flink start with {{JAVA_HOME}}/bin/java, "
                        + "and fail with exit code 127 on a NodeManager that has none",
                    remedy: remedy
                        ?? "install a Java runtime (apt install openjdk-17-jre-headless) and export JAVA_HOME"
                )
            ]
        }
        guard unsafe access("\(home)/bin/java", X_OK) == 0 else {
            return [
                .problem(
                    "JAVA_HOME is \(home), but there is no \(home)/bin/java to run",
                    remedy: onPath.map { "export JAVA_HOME=\($0)" } ?? "let JAVA_HOME name a Java runtime's folder"
                )
            ]
        }
        return [.ok("JAVA_HOME is \(home)\(Self.version(home).map { ", Java \($0)" } ?? "")")]
    }

    /// From the `release` file that runtimes carry, since starting a JVM takes a second.
    private static func version(_ home: String) -> String? {
        guard let text = try? String(contentsOfFile: "\(home)/release", encoding: .utf8) else { return nil }
        for line in text.split(separator: "\n") where line.hasPrefix("JAVA_VERSION=") {
            return line.split(separator: "\"").dropFirst().first.map(String.init)
        }
        return nil
    }
}
