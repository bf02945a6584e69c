import ClusterModel
import Foundation
import HadoopWire
import NodeManagerCore

// What stands in the files of yarn.nodemanager.recovery.dir: lines of JSON, a file for each thing, so that a reader of another
// version finds what it knows and a person can look.

/// A container that was accepted: the first line of its file.
struct StoredContainer: Codable, Sendable {
    var version = 1
    /// The client's own StartContainerRequestProto, unknown fields included.
    var request: Data
    var workDirectory: String
    var logDirectory: String
    var privateDirectory: String
    var acceptedAt: Int64
}

/// What became of a container: a further line of its file. Of each kind the last one counts.
enum StoredContainerEvent: Codable, Sendable {
    case stopping(exitStatus: Int32, text: String)
    case completed(exitStatus: Int32, diagnostics: String)
}

/// A resource of the cache.
struct StoredResource: Codable, Sendable {
    var version = 1
    var ticket: Int64
    var scheme: String
    var host: String
    var port: Int32?
    var path: String
    var userInfo: String?
    var timestamp: Int64
    var kind: Int
    var pattern: String
    var user: String?
    var application: String?
    var directory: String
    var localPath: String
    var sizeBytes: Int64
    var sha256: String?
    var sharedWith: Int64?
    var lastUse: Int64?
    /// Since which start of the machine it is there (`machineStart`).
    var machineStart: String?

    init(_ resource: CachedResource, machineStart: String?) {
        self.machineStart = machineStart
        self.ticket = resource.ticket.number
        let key = resource.key
        self.scheme = key.source.scheme
        self.host = key.source.host
        self.port = key.source.port
        self.path = key.source.path
        self.userInfo = key.source.userInfo
        self.timestamp = key.timestamp
        self.kind = key.kind.rawValue
        self.pattern = key.pattern
        switch key.owner {
        case .everybody: break
        case .user(let user): self.user = user
        case .application(let application, let user):
            self.user = user
            self.application = application.description
        }
        self.directory = resource.directory
        self.localPath = resource.path
        self.sizeBytes = resource.sizeBytes
        self.sha256 = resource.content?.description
        self.sharedWith = resource.sharedWith?.number
        self.lastUse = resource.lastUse?.milliseconds
    }

    /// Nil when a field is not what this version writes.
    var resource: CachedResource? {
        guard let kind = LocalResource.Kind(rawValue: self.kind) else { return nil }
        let owner: ResourceKey.Owner
        switch (self.user, self.application.map(ApplicationID.init)) {
        case (nil, nil): owner = .everybody
        case (let user?, nil): owner = .user(user)
        case (let user?, let application??): owner = .application(application, user: user)
        default: return nil
        }
        return CachedResource(
            ticket: ResourceTicket(self.ticket),
            key: ResourceKey(
                source: ResourceSource(
                    scheme: self.scheme,
                    host: self.host,
                    port: self.port,
                    path: self.path,
                    userInfo: self.userInfo
                ),
                timestamp: self.timestamp,
                kind: kind,
                pattern: self.pattern,
                owner: owner
            ),
            directory: self.directory,
            path: self.localPath,
            sizeBytes: self.sizeBytes,
            content: self.sha256.flatMap(ContentHash.init),
            sharedWith: self.sharedWith.map { ResourceTicket($0) },
            lastUse: self.lastUse.map { Timestamp(milliseconds: $0) }
        )
    }
}

/// What is to become of an application's logs.
struct StoredApplicationLogs: Codable, Sendable {
    struct Token: Codable, Sendable {
        var service: String
        var text: String
    }

    struct AccessList: Codable, Sendable {
        var name: String
        var list: String
    }

    struct File: Codable, Sendable {
        var container: String
        var name: String
        var sizeBytes: Int64
        var modified: Int64
    }

    var version = 1
    var user: String
    var tokens: [Token]?
    var accessLists: [AccessList]
    var includePattern: String
    var excludePattern: String
    var rolledIncludePattern: String
    var rolledExcludePattern: String
    var policyClass: String?
    var policyParameters: String?
    var phase: String
    var skipped: [String]
    var uploaded: [File]
    var stamp: Int64?

    init(_ record: ApplicationLogsRecord) {
        self.user = record.user
        self.tokens = record.tokens.map { Token(service: $0.service, text: $0.text) }
        self.accessLists = record.accessLists.map { AccessList(name: $0.name, list: $0.list) }
        self.includePattern = record.context.includePattern
        self.excludePattern = record.context.excludePattern
        self.rolledIncludePattern = record.context.rolledIncludePattern
        self.rolledExcludePattern = record.context.rolledExcludePattern
        self.policyClass = record.context.policyClass
        self.policyParameters = record.context.policyParameters
        self.phase = record.phase.rawValue
        self.skipped = record.skipped.map(\.description)
        self.uploaded = record.uploaded.map {
            File(container: $0.container.description, name: $0.name, sizeBytes: $0.sizeBytes, modified: $0.modified)
        }
        self.stamp = record.stamp?.milliseconds
    }

    /// Nil when a field is not what this version writes.
    var record: ApplicationLogsRecord? {
        guard let phase = ApplicationLogsRecord.Phase(rawValue: self.phase) else { return nil }
        var context = LogAggregationContext()
        context.includePattern = self.includePattern
        context.excludePattern = self.excludePattern
        context.rolledIncludePattern = self.rolledIncludePattern
        context.rolledExcludePattern = self.rolledExcludePattern
        context.policyClass = self.policyClass
        context.policyParameters = self.policyParameters
        return ApplicationLogsRecord(
            user: self.user,
            tokens: (self.tokens ?? []).map { WebHDFSToken(service: $0.service, text: $0.text) },
            accessLists: self.accessLists.map { ApplicationAccessList(name: $0.name, list: $0.list) },
            context: context,
            phase: phase,
            skipped: self.skipped.compactMap { ContainerID($0) },
            uploaded: self.uploaded.compactMap { file in
                ContainerID(file.container).map {
                    LogFileVersion(container: $0, name: file.name, sizeBytes: file.sizeBytes, modified: file.modified)
                }
            },
            stamp: self.stamp.map(Timestamp.init(milliseconds:))
        )
    }
}

/// What the shuffle service knows an application by; the file's name is the application's.
struct StoredShuffleSecret: Codable, Sendable {
    var version = 1
    var user: String
    var password: Data

    init(_ secret: ShuffleSecret, user: String) {
        self.user = user
        self.password = Data(secret.password)
    }

    func recovered(_ application: ApplicationID) -> RecoveredShuffleSecret {
        RecoveredShuffleSecret(
            ShuffleSecret(application: application, password: Array(self.password)),
            user: self.user
        )
    }
}

/// The node's own state.
struct StoredNode: Codable, Sendable {
    struct Key: Codable, Sendable {
        var id: Int32
        var bytes: Data

        init(_ key: MasterKey) {
            self.id = key.id
            self.bytes = Data(key.bytes)
        }

        var key: MasterKey { MasterKey(id: self.id, bytes: Array(self.bytes)) }
    }

    var version = 1
    var resourceManagerIdentifier: Int64?
    /// Oldest first.
    var containerKeys: [Key] = []
    var nodeKeys: [Key] = []
}
