package import ClusterModel
package import HadoopHTTP

/// Identifiers in paths and bodies, with Hadoop's texts for what is none.
package enum RESTIdentifiers {
    package static func application(_ text: String) throws(RESTFailure) -> ApplicationID {
        if let id = ApplicationID(text) { return id }
        let illegal = "java.lang.IllegalArgumentException"
        guard text.hasPrefix("application_") else {
            throw .badRequest(
                "Invalid ApplicationId prefix: \(Self.shown(text)). The valid ApplicationId should start with prefix "
                    + "application",
                cause: illegal
            )
        }
        throw .badRequest("Invalid ApplicationId: \(Self.shown(text))", cause: illegal)
    }

    package static func attempt(_ text: String) throws(RESTFailure) -> ApplicationAttemptID {
        guard let id = ApplicationAttemptID(text) else {
            throw .badRequest(
                "Invalid AppAttemptId: \(Self.shown(text))",
                cause: "java.lang.IllegalArgumentException"
            )
        }
        return id
    }

    package static func container(_ text: String) throws(RESTFailure) -> ContainerID {
        guard let id = ContainerID(text) else {
            throw .badRequest("Invalid ContainerId: \(Self.shown(text))", cause: "java.lang.IllegalArgumentException")
        }
        return id
    }

    package static func node(_ text: String) throws(RESTFailure) -> NodeID {
        guard let id = NodeID(text) else {
            throw .illegalArgument("Invalid NodeId [\(Self.shown(text))]. Expected host:port")
        }
        return id
    }

    /// No identifier is longer; more of a longer text would only fill the answer.
    private static func shown(_ text: String) -> String { String(text.prefix(255)) }
}
