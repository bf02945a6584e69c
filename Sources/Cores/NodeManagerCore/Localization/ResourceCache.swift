import ClusterModel
import OrderedCollections

/// Every file and archive on this node that came from elsewhere: one download for all who want the same, counted
/// references, and what to delete when the cache has grown too large.
struct ResourceCache: Sendable {
    private struct Entry: Sendable {
        var ticket: ResourceTicket
        var directory: String
        var path: String
        var state: State
    }

    private enum State: Sendable {
        /// Wanted by these, in the order of asking.
        case fetching(waiting: [ContainerID])
        case ready(sizeBytes: Int64, references: Int, lastUse: Timestamp)
    }

    private var entries: OrderedDictionary<ResourceKey, Entry> = [:]
    private var keys: [ResourceTicket: ResourceKey] = [:]
    /// Downloads whose entry is gone; their folder goes when they answer.
    private var abandoned: [ResourceTicket: String] = [:]
    private var lastTicket: Int64 = 0

    enum Answer: Sendable, Equatable {
        case ready
        case wait
        /// Not here yet: download it.
        case fetch(LocalizationOrder)
    }

    /// A container wants a resource. It holds a reference, or waits for one, until `release`.
    mutating func acquire(
        _ resource: LocalResource,
        key: ResourceKey,
        for container: ContainerID,
        user: String,
        folder: LocalFolder,
        entriesPerDirectory: Int,
        at now: Timestamp
    ) -> Answer {
        switch self.entries[key]?.state {
        case .ready(let size, let references, _):
            self.entries[key]?.state = .ready(sizeBytes: size, references: references + 1, lastUse: now)
            return .ready
        case .fetching(let waiting):
            self.entries[key]?.state = .fetching(waiting: waiting + [container])
            return .wait
        case nil:
            self.lastTicket += 1
            let ticket = ResourceTicket(self.lastTicket)
            let number = cacheEntryPath(ticket.number, entriesPerDirectory: entriesPerDirectory)
            let directory = "\(folder.cache(key.owner))/\(number)"
            let name = fileName(ofPath: resource.source.path)
            self.entries[key] = Entry(
                ticket: ticket,
                directory: directory,
                path: "\(directory)/\(name)",
                state: .fetching(waiting: [container])
            )
            self.keys[ticket] = key
            return .fetch(
                LocalizationOrder(
                    ticket: ticket,
                    resource: resource,
                    user: user,
                    parents: folder.cacheParents(key.owner, entry: directory),
                    directory: directory,
                    name: name
                )
            )
        }
    }

    /// What an ended download means.
    struct Completion: Sendable, Equatable {
        var key: ResourceKey?
        var waiting: [ContainerID] = []
        var stored: CachedResource?
        var delete: String?
    }

    mutating func localized(_ ticket: ResourceTicket, _ file: LocalizedFile, at now: Timestamp) -> Completion {
        if let directory = self.abandoned.removeValue(forKey: ticket) { return Completion(delete: directory) }
        guard let key = self.keys[ticket], let entry = self.entries[key], case .fetching(let waiting) = entry.state
        else { return Completion() }
        self.entries[key]?.state = .ready(sizeBytes: file.sizeBytes, references: waiting.count, lastUse: now)
        return Completion(
            key: key,
            waiting: waiting,
            stored: CachedResource(
                ticket: ticket,
                key: key,
                directory: entry.directory,
                path: entry.path,
                sizeBytes: file.sizeBytes
            )
        )
    }

    mutating func failed(_ ticket: ResourceTicket) -> Completion {
        if let directory = self.abandoned.removeValue(forKey: ticket) { return Completion(delete: directory) }
        guard let key = self.keys.removeValue(forKey: ticket), let entry = self.entries.removeValue(forKey: key),
            case .fetching(let waiting) = entry.state
        else { return Completion() }
        return Completion(key: key, waiting: waiting, delete: entry.directory)
    }

    /// A container no longer needs a resource, or no longer waits for it. A download that nobody waits for any more
    /// goes on: most likely the next container wants the same.
    mutating func release(_ key: ResourceKey, by container: ContainerID, at now: Timestamp) {
        switch self.entries[key]?.state {
        case .ready(let size, let references, _):
            self.entries[key]?.state = .ready(sizeBytes: size, references: max(references - 1, 0), lastUse: now)
        case .fetching(var waiting):
            if let place = waiting.firstIndex(of: container) { waiting.remove(at: place) }
            self.entries[key]?.state = .fetching(waiting: waiting)
        case nil:
            // Its application ended and took the entry along.
            break
        }
    }

    /// A reference for a container that an earlier NodeManager launched; nothing to wait for if the entry is lost.
    mutating func retain(_ key: ResourceKey, at now: Timestamp) {
        guard case .ready(let size, let references, _) = self.entries[key]?.state else { return }
        self.entries[key]?.state = .ready(sizeBytes: size, references: references + 1, lastUse: now)
    }

    /// The path to link to; nil while it is not there.
    func path(_ key: ResourceKey) -> String? {
        guard let entry = self.entries[key], case .ready = entry.state else { return nil }
        return entry.path
    }

    /// An application is over: its own resources go with its folder.
    mutating func applicationEnded(_ application: ApplicationID) -> [ResourceTicket] {
        var removed: [ResourceTicket] = []
        for (key, entry) in self.entries {
            guard case .application(application, _) = key.owner else { continue }
            removed.append(entry.ticket)
            if case .fetching = entry.state { self.abandoned[entry.ticket] = entry.directory }
        }
        for ticket in removed {
            if let key = self.keys.removeValue(forKey: ticket) { self.entries.removeValue(forKey: key) }
        }
        return removed
    }

    /// Files that are gone from disk: forget them, whoever refers to them. Their folders go, in case something is left.
    mutating func vanished(paths: [String]) -> (tickets: [ResourceTicket], directories: [String]) {
        let gone = Set(paths)
        var tickets: [ResourceTicket] = []
        var directories: [String] = []
        for entry in self.entries.values where gone.contains(entry.path) {
            guard case .ready = entry.state else { continue }
            tickets.append(entry.ticket)
            directories.append(entry.directory)
        }
        for ticket in tickets {
            if let key = self.keys.removeValue(forKey: ticket) { self.entries.removeValue(forKey: key) }
        }
        return (tickets, directories)
    }

    /// Bytes that PUBLIC and PRIVATE resources use; those of an application go with it and do not count.
    var sharedBytes: Int64 {
        self.entries.reduce(0) { sum, element in
            if case .application = element.key.owner { return sum }
            guard case .ready(let size, _, _) = element.value.state else { return sum }
            return sum + size
        }
    }

    /// Shrinks the shared cache to `targetBytes` by what was not used for longest; what is in use stays.
    mutating func shrink(toBytes targetBytes: Int64) -> (tickets: [ResourceTicket], directories: [String]) {
        var excess = self.sharedBytes - targetBytes
        guard excess > 0 else { return ([], []) }
        var candidates: [(lastUse: Timestamp, ticket: ResourceTicket, size: Int64, directory: String)] = []
        for (key, entry) in self.entries {
            if case .application = key.owner { continue }
            guard case .ready(let size, 0, let lastUse) = entry.state else { continue }
            candidates.append((lastUse, entry.ticket, size, entry.directory))
        }
        candidates.sort { ($0.lastUse, $0.ticket) < ($1.lastUse, $1.ticket) }
        var tickets: [ResourceTicket] = []
        var directories: [String] = []
        for candidate in candidates where excess > 0 {
            excess -= candidate.size
            tickets.append(candidate.ticket)
            directories.append(candidate.directory)
            if let key = self.keys.removeValue(forKey: candidate.ticket) { self.entries.removeValue(forKey: key) }
        }
        return (tickets, directories)
    }

    /// What an earlier NodeManager had; references are taken again by the containers it left.
    mutating func restore(_ resources: [CachedResource], at now: Timestamp) {
        for resource in resources {
            self.entries[resource.key] = Entry(
                ticket: resource.ticket,
                directory: resource.directory,
                path: resource.path,
                state: .ready(sizeBytes: resource.sizeBytes, references: 0, lastUse: now)
            )
            self.keys[resource.ticket] = resource.key
            self.lastTicket = max(self.lastTicket, resource.ticket.number)
        }
    }

    /// Entries, for tests and reports.
    var count: Int { self.entries.count }

    /// References that containers hold on an entry; nil when it is not there yet.
    func references(_ key: ResourceKey) -> Int? {
        guard case .ready(_, let references, _) = self.entries[key]?.state else { return nil }
        return references
    }
}

extension ResourceKey {
    init(_ resource: LocalResource, user: String, application: ApplicationID) {
        let owner: Owner =
            switch resource.visibility {
            case .public: .everybody
            case .private: .user(user)
            case .application: .application(application, user: user)
            }
        self.init(
            source: resource.source,
            timestamp: resource.timestamp,
            kind: resource.kind,
            pattern: resource.kind == .pattern ? resource.pattern : "",
            owner: owner
        )
    }
}

/// The last element of a path: a name that can only be a file in its own folder.
func fileName(ofPath path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    let isUsable = !name.isEmpty && name != "." && name != ".." && !name.contains("\0") && name.utf8.count <= 255
    return isUsable ? name : "resource"
}
