package import ClusterModel

/// What a container token grants (ContainerTokenIdentifierProto), its signature already checked.
package struct ContainerGrant: Sendable, Equatable {
    package var container: ContainerID
    /// `host:port` of the node that may start it.
    package var nodeAddress: String
    /// Whom the container runs as and whose files it sees.
    package var user: String
    package var resource: ResourceVector
    /// No start after this moment.
    package var expiresAt: Timestamp
    /// Start time of the ResourceManager that granted it.
    package var resourceManagerIdentifier: Int64
    package var priority: Int32
    package var createdAt: Timestamp
    package var nodeLabelExpression: String?
    package var isApplicationMaster: Bool
    package var executionType: ExecutionType
    package var version: Int32
    package var allocationRequestID: Int64
    package var allocationTags: [String]
    /// What its application wants done with its logs.
    package var logAggregation: LogAggregationContext?

    package init(
        container: ContainerID,
        nodeAddress: String,
        user: String,
        resource: ResourceVector,
        expiresAt: Timestamp,
        resourceManagerIdentifier: Int64,
        priority: Int32 = 0,
        createdAt: Timestamp = .unset,
        nodeLabelExpression: String? = nil,
        isApplicationMaster: Bool = false,
        executionType: ExecutionType = .guaranteed,
        version: Int32 = 0,
        allocationRequestID: Int64 = -1,
        allocationTags: [String] = [],
        logAggregation: LogAggregationContext? = nil
    ) {
        self.container = container
        self.nodeAddress = nodeAddress
        self.user = user
        self.resource = resource
        self.expiresAt = expiresAt
        self.resourceManagerIdentifier = resourceManagerIdentifier
        self.priority = priority
        self.createdAt = createdAt
        self.nodeLabelExpression = nodeLabelExpression
        self.isApplicationMaster = isApplicationMaster
        self.executionType = executionType
        self.version = version
        self.allocationRequestID = allocationRequestID
        self.allocationTags = allocationTags
        self.logAggregation = logAggregation
    }
}

/// What a client wants run (ContainerLaunchContextProto), in the client's order.
package struct LaunchContext: Sendable, Equatable {
    /// Joined by single spaces and given to bash (WIRE: values are raw).
    package var commands: [String]
    package var environment: [EnvironmentVariable]
    package var localResources: [NamedResource]
    /// Names of auxiliary services that the container has data for.
    package var services: [String]
    /// The credentials file, as the client sent it; written for the container.
    package var tokens: OpaqueBytes
    /// Those of `tokens` that WebHDFS servers take; handed to downloads and to uploads of logs.
    package var webTokens: [WebHDFSToken]
    /// Those of `tokens` that Heddle's engine signs requests with; they may name any application.
    package var shuffleSecrets: [ShuffleSecret]
    /// Who besides the owner may see and change the application; kept with its logs.
    package var accessLists: [ApplicationAccessList]

    package init(
        commands: [String],
        environment: [EnvironmentVariable] = [],
        localResources: [NamedResource] = [],
        services: [String] = [],
        tokens: OpaqueBytes = OpaqueBytes(),
        webTokens: [WebHDFSToken] = [],
        shuffleSecrets: [ShuffleSecret] = [],
        accessLists: [ApplicationAccessList] = []
    ) {
        self.commands = commands
        self.environment = environment
        self.localResources = localResources
        self.services = services
        self.tokens = tokens
        self.webTokens = webTokens
        self.shuffleSecrets = shuffleSecrets
        self.accessLists = accessLists
    }
}

/// A delegation token: whoever shows it to the server that it is for acts there as its owner.
package struct WebHDFSToken: Sendable, Hashable {
    /// `address:port` or `host:port` of that server.
    package var service: String
    /// As it stands in addresses.
    package var text: String

    package init(service: String, text: String) {
        self.service = service
        self.text = text
    }
}

/// A file or archive under the name that the container sees it by.
package struct NamedResource: Sendable, Equatable {
    /// Relative to the work directory; may contain `/`.
    package var name: String
    package var resource: LocalResource

    package init(name: String, resource: LocalResource) {
        self.name = name
        self.resource = resource
    }
}

/// LocalResourceProto: where a file comes from and what it must be.
package struct LocalResource: Hashable, Sendable {
    package var source: ResourceSource
    /// Bytes, -1 when unknown.
    package var size: Int64
    /// Modification time in milliseconds that the source must have, 0 when unknown.
    package var timestamp: Int64
    package var kind: Kind
    package var visibility: Visibility
    /// Regular expression of a PATTERN resource.
    package var pattern: String

    package init(
        source: ResourceSource,
        size: Int64,
        timestamp: Int64,
        kind: Kind,
        visibility: Visibility,
        pattern: String = ""
    ) {
        self.source = source
        self.size = size
        self.timestamp = timestamp
        self.kind = kind
        self.visibility = visibility
        self.pattern = pattern
    }

    /// LocalResourceTypeProto.
    package enum Kind: Int, Sendable, Comparable {
        case archive = 1
        case file = 2
        case pattern = 3

        package static func < (left: Kind, right: Kind) -> Bool { left.rawValue < right.rawValue }
    }

    /// LocalResourceVisibilityProto.
    package enum Visibility: Int, Sendable, Comparable {
        case `public` = 1
        case `private` = 2
        case application = 3

        package static func < (left: Visibility, right: Visibility) -> Bool { left.rawValue < right.rawValue }
    }
}

/// URLProto: where a resource is, in its parts.
package struct ResourceSource: Hashable, Sendable, CustomStringConvertible {
    package var scheme: String
    package var host: String
    /// Nil for none, which is -1 on the wire.
    package var port: Int32?
    /// Decoded, as it travels.
    package var path: String
    package var userInfo: String?

    package init(scheme: String, host: String = "", port: Int32? = nil, path: String, userInfo: String? = nil) {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.path = path
        self.userInfo = userInfo
    }

    /// Without the user's name and password.
    package var description: String {
        let authority = self.host.isEmpty ? "" : "//\(self.host)\(self.port.map { ":\($0)" } ?? "")"
        return "\(self.scheme):\(authority)\(self.path)"
    }
}

/// One entry of a startContainers call that passed the checks of the edge: parsed, token signed by a key we know.
package struct ContainerStart: Sendable, Equatable {
    package var grant: ContainerGrant
    package var context: LaunchContext
    /// The request as the client sent it, kept so that a restarted NodeManager can read it again.
    package var request: OpaqueBytes

    package init(grant: ContainerGrant, context: LaunchContext, request: OpaqueBytes = OpaqueBytes()) {
        self.grant = grant
        self.context = context
        self.request = request
    }
}
