import BlockExchange
import ClusterModel
import HadoopProtos
import HadoopWire
import ModelConversion
import NodeManagerCore

/// A request that cannot be read as what the protocol says; the text is for the client.
struct UnreadableRequest: Error, Sendable {
    var text: String
}

extension ContainerGrant {
    /// Reads a container token's identifier.
    init(validating proto: ContainerTokenIdentifierProto) throws(ConversionError) {
        guard proto.hasContainerID else { throw ConversionError(field: "containerId", problem: "is missing") }
        self.init(
            container: try ContainerID(validating: proto.containerID),
            nodeAddress: proto.nmHostAddr,
            user: proto.appSubmitter,
            resource: try ResourceVector(validating: proto.resource),
            expiresAt: Timestamp(milliseconds: proto.expiryTimeStamp),
            resourceManagerIdentifier: proto.rmIdentifier,
            priority: proto.priority.priority,
            createdAt: Timestamp(milliseconds: proto.creationTime),
            nodeLabelExpression: proto.hasNodeLabelExpression ? proto.nodeLabelExpression : nil,
            isApplicationMaster: proto.containerType == .applicationMaster,
            executionType: ExecutionType(proto.executionType),
            version: proto.version,
            allocationRequestID: proto.allocationRequestID,
            allocationTags: proto.allocationTags,
            logAggregation: proto.hasLogAggregationContext ? LogAggregationContext(proto.logAggregationContext) : nil
        )
    }
}

extension LogAggregationContext {
    /// What is not set is empty, whatever default the message names: so do Hadoop's own NodeManagers read it.
    init(_ proto: LogAggregationContextProto) {
        self.init()
        self.includePattern = proto.hasIncludePattern ? proto.includePattern : ""
        self.excludePattern = proto.excludePattern
        self.rolledIncludePattern = proto.rolledLogsIncludePattern
        self.rolledExcludePattern = proto.hasRolledLogsExcludePattern ? proto.rolledLogsExcludePattern : ""
        self.policyClass = proto.hasLogAggregationPolicyClassName ? proto.logAggregationPolicyClassName : nil
        self.policyParameters = proto.hasLogAggregationPolicyParameters ? proto.logAggregationPolicyParameters : nil
    }
}

extension LaunchContext {
    /// Reads a launch context; what it does not name stays empty.
    init(validating proto: ContainerLaunchContextProto) throws(UnreadableRequest) {
        var resources: [NamedResource] = []
        for entry in proto.localResources {
            resources.append(
                NamedResource(name: entry.key, resource: try LocalResource(validating: entry.value, name: entry.key))
            )
        }
        let tokens = OpaqueBytes(Array(proto.tokens))
        // Credentials that cannot be read prove nothing; the container itself says more about them than this could.
        let known = (try? Credentials(bytes: tokens.bytes))?.tokens.map(\.token) ?? []
        self.init(
            commands: proto.command,
            environment: proto.environment.map { EnvironmentVariable($0.key, $0.value) },
            localResources: resources,
            services: proto.serviceData.map(\.key),
            tokens: tokens,
            webTokens: known.filter { TokenKind.ofWebHDFS.contains($0.kind) }
                .map { WebHDFSToken(service: $0.service, text: $0.urlString) },
            shuffleSecrets: known.compactMap(ShuffleSecret.init),
            accessLists: proto.applicationAcls.map {
                ApplicationAccessList(
                    name: $0.accessType == .appaccessModifyApp ? "MODIFY_APP" : "VIEW_APP",
                    list: $0.acl
                )
            }
        )
    }
}

extension ShuffleSecret {
    /// - Returns: nil for a token of another kind, or one that names no application.
    init?(_ token: HadoopToken) {
        let text = String(decoding: token.identifier, as: UTF8.self)
        guard token.kind == BlockSignature.tokenKind, let application = ApplicationID(text),
            application.description == text
        else { return nil }
        self.init(application: application, password: token.password)
    }
}

extension LocalResource {
    /// - Throws: Hadoop's texts for a resource without URL, type or visibility.
    init(validating proto: LocalResourceProto, name: String) throws(UnreadableRequest) {
        func missing(_ what: String) -> UnreadableRequest {
            UnreadableRequest(text: "Null resource \(what) for local resource \(name) : \(proto.resource.file)")
        }
        guard proto.hasResource else { throw missing("URL") }
        guard proto.hasType, let kind = Kind(rawValue: proto.type.rawValue) else { throw missing("type") }
        guard proto.hasVisibility, let visibility = Visibility(rawValue: proto.visibility.rawValue) else {
            throw missing("visibility")
        }
        let url = proto.resource
        self.init(
            source: ResourceSource(
                scheme: url.hasScheme && !url.scheme.isEmpty ? url.scheme : "file",
                host: url.host,
                port: url.hasPort && url.port > 0 ? url.port : nil,
                path: url.file,
                userInfo: url.hasUserInfo && !url.userInfo.isEmpty ? url.userInfo : nil
            ),
            size: proto.hasSize ? proto.size : -1,
            timestamp: proto.timestamp,
            kind: kind,
            visibility: visibility,
            pattern: proto.pattern
        )
    }
}
