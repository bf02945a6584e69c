import ClusterModel
import OrderedCollections

/// Every file and archive on this node that came from elsewhere: one download for all who want the same, counted
/// references, and what to delete when the cache has grown too large.
struct ResourceCache: Sendable {
    private struct Entry: Sendable {
        var ticket: ResourceTicket
        var directory: String
        var path: String
        /// What it holds, where its source says so.
        var content: ContentHash?
        /// The last use that was stored.
        var storedUse: Timestamp?
        var state: State
    }

    private enum State: Sendable {
        /// Its source is being asked what it holds. Wanted by these, in the order of asking.
        case identifying(LocalizationOrder, waiting: [ContainerID])
        case fetching(waiting: [ContainerID])
        case ready(sizeBytes: Int64, references: Int, lastUse: Timestamp)
        /// The same bytes came, or come, for another entry, which counts for both.
        case shared(with: ResourceKey)
    }

    /// What two entries have in common that need only one copy.
    private struct Content: Hashable, Sendable {
        var hash: ContentHash
        /// The file's name decides how an archive is unpacked.
        var name: String
        var kind: LocalResource.Kind
        var pattern: String
        var owner: ResourceKey.Owner

        init(_ hash: ContentHash, _ key: ResourceKey) {
            self.hash = hash
            self.name = fileName(ofPath: key.source.path)
            self.kind = key.kind
            self.pattern = key.pattern
            self.owner = key.owner
        }
    }

    private var entries: OrderedDictionary<ResourceKey, Entry> = [:]
    private var keys: [ResourceTicket: ResourceKey] = [:]
    /// The entries that hold, or will hold, what their sources named.
    private var contents: [Content: ResourceKey] = [:]
    /// Downloads whose entry is gone; their folder goes when they answer.
    private var abandoned: [ResourceTicket: String] = [:]
    private var lastTicket: Int64 = 0

    enum Answer: Sendable, Equatable {
        case ready
        case wait
        /// Not here yet: ask its source what it holds.
        case identify(LocalizationOrder)
        /// Not here yet: download it.
        case fetch(LocalizationOrder)
    }

    /// A container wants a resource. It holds a reference, or waits for one, until `release`.
    mutating func acquire(
        _ resource: LocalResource,
        key: ResourceKey,
        for container: ContainerID,
        user: String,
        tokens: [WebHDFSToken],
        folder: LocalFolder,
        entriesPerDirectory: Int,
        at now: Timestamp
    ) -> Answer {
        let key = self.holder(of: key)
        switch self.entries[key]?.state {
        case .ready(let size, let references, _):
            self.entries[key]?.state = .ready(sizeBytes: size, references: references + 1, lastUse: now)
            return .ready
        case .fetching(let waiting):
            self.entries[key]?.state = .fetching(waiting: waiting + [container])
            return .wait
        case .identifying(let order, let waiting):
            self.entries[key]?.state = .identifying(order, waiting: waiting + [container])
            return .wait
        case .shared, nil:
            self.lastTicket += 1
            let ticket = ResourceTicket(self.lastTicket)
            let number = cacheEntryPath(ticket.number, entriesPerDirectory: entriesPerDirectory)
            let directory = "\(folder.cache(key.owner))/\(number)"
            let name = fileName(ofPath: resource.source.path)
            let order = LocalizationOrder(
                ticket: ticket,
                resource: resource,
                user: user,
                tokens: tokens,
                parents: folder.cacheParents(key.owner, entry: directory),
                directory: directory,
                name: name
            )
            let mayBeShared = key.mayBeShared
            self.entries[key] = Entry(
                ticket: ticket,
                directory: directory,
                path: "\(directory)/\(name)",
                state: mayBeShared ? .identifying(order, waiting: [container]) : .fetching(waiting: [container])
            )
            self.keys[ticket] = key
            return mayBeShared ? .identify(order) : .fetch(order)
        }
    }

    /// The entry whose copy stands for a key: itself, or the one that holds the same.
    private func holder(of key: ResourceKey) -> ResourceKey {
        if case .shared(let holder) = self.entries[key]?.state { return holder }
        return key
    }

    /// What follows from knowing what a source holds.
    enum Identification: Sendable, Equatable {
        /// Nobody asked.
        case none
        case fetch(LocalizationOrder)
        /// The same is here: these wait no longer.
        case ready(waiting: [ContainerID], stored: CachedResource)
        /// The same is on its way.
        case wait
    }

    /// - Parameter hash: nil when the source does not say.
    mutating func identified(_ ticket: ResourceTicket, _ hash: ContentHash?, at now: Timestamp) -> Identification {
        guard let key = self.keys[ticket], let entry = self.entries[key],
            case .identifying(var order, let waiting) = entry.state
        else { return .none }
        order.content = hash
        guard let hash, let holder = self.contents[Content(hash, key)], let held = self.entries[holder] else {
            if let hash { self.contents[Content(hash, key)] = key }
            self.entries[key]?.content = hash
            self.entries[key]?.state = .fetching(waiting: waiting)
            return .fetch(order)
        }
        self.entries[key]?.state = .shared(with: holder)
        self.entries[key]?.content = hash
        switch held.state {
        case .ready(let size, let references, _):
            self.entries[holder]?.state = .ready(
                sizeBytes: size,
                references: references + waiting.count,
                lastUse: now
            )
            return .ready(waiting: waiting, stored: self.stored(key, entry.ticket, sharing: held, hash))
        case .fetching(let others):
            self.entries[holder]?.state = .fetching(waiting: others + waiting)
            return .wait
        case .identifying, .shared:
            // Only entries that fetch or hold are listed by content.
            return .none
        }
    }

    private func stored(
        _ key: ResourceKey,
        _ ticket: ResourceTicket,
        sharing holder: Entry,
        _ hash: ContentHash?
    ) -> CachedResource {
        CachedResource(
            ticket: ticket,
            key: key,
            directory: holder.directory,
            path: holder.path,
            sizeBytes: 0,
            content: hash,
            sharedWith: holder.ticket
        )
    }

    /// What an ended download means.
    struct Completion: Sendable, Equatable {
        var waiting: [ContainerID] = []
        var stored: [CachedResource] = []
        var delete: String?
    }

    mutating func localized(_ ticket: ResourceTicket, _ file: LocalizedFile, at now: Timestamp) -> Completion {
        if let directory = self.abandoned.removeValue(forKey: ticket) { return Completion(delete: directory) }
        guard let key = self.keys[ticket], let entry = self.entries[key], case .fetching(let waiting) = entry.state
        else { return Completion() }
        self.entries[key]?.state = .ready(sizeBytes: file.sizeBytes, references: waiting.count, lastUse: now)
        self.entries[key]?.storedUse = now
        let own = Self.record(entry, key, sizeBytes: file.sizeBytes, lastUse: now)
        let sharing = self.sharing(key).map { other, ticket in
            self.stored(other, ticket, sharing: entry, entry.content)
        }
        return Completion(waiting: waiting, stored: [own] + sharing)
    }

    private static func record(
        _ entry: Entry,
        _ key: ResourceKey,
        sizeBytes: Int64,
        lastUse: Timestamp
    ) -> CachedResource {
        CachedResource(
            ticket: entry.ticket,
            key: key,
            directory: entry.directory,
            path: entry.path,
            sizeBytes: sizeBytes,
            content: entry.content,
            lastUse: lastUse
        )
    }

    /// What was used since that was last stored, so that a restarted node evicts what its predecessor would have. Asked for
    /// from time to time, since a record for each use would cost more than it is worth.
    mutating func usesToStore() -> [CachedResource] {
        var records: [CachedResource] = []
        for (key, entry) in self.entries {
            // An application's own are not evicted.
            if case .application = key.owner { continue }
            guard case .ready(let size, _, let lastUse) = entry.state, entry.storedUse != lastUse else { continue }
            self.entries[key]?.storedUse = lastUse
            records.append(Self.record(entry, key, sizeBytes: size, lastUse: lastUse))
        }
        return records
    }

    mutating func failed(_ ticket: ResourceTicket) -> Completion {
        if let directory = self.abandoned.removeValue(forKey: ticket) { return Completion(delete: directory) }
        guard let key = self.keys[ticket], let entry = self.entries[key], case .fetching(let waiting) = entry.state
        else { return Completion() }
        _ = self.remove(key)
        return Completion(waiting: waiting, delete: entry.directory)
    }

    /// The entries that another one's copy stands for, with their tickets.
    private func sharing(_ holder: ResourceKey) -> [(key: ResourceKey, ticket: ResourceTicket)] {
        self.entries.compactMap { key, entry in
            guard case .shared(holder) = entry.state else { return nil }
            return (key, entry.ticket)
        }
    }

    /// Forgets an entry and those that its copy stood for.
    /// - Returns: their tickets, its own first.
    private mutating func remove(_ key: ResourceKey) -> [ResourceTicket] {
        guard let entry = self.entries[key] else { return [] }
        let others = entry.content == nil ? [] : self.sharing(key)
        self.entries.removeValue(forKey: key)
        self.keys.removeValue(forKey: entry.ticket)
        for other in others {
            self.entries.removeValue(forKey: other.key)
            self.keys.removeValue(forKey: other.ticket)
        }
        if let content = entry.content, self.contents[Content(content, key)] == key {
            self.contents.removeValue(forKey: Content(content, key))
        }
        return [entry.ticket] + others.map(\.ticket)
    }

    /// A container no longer needs a resource, or no longer waits for it. A download that nobody waits for any more
    /// goes on: most likely the next container wants the same.
    mutating func release(_ key: ResourceKey, by container: ContainerID, at now: Timestamp) {
        let key = self.holder(of: key)
        switch self.entries[key]?.state {
        case .ready(let size, let references, _):
            self.entries[key]?.state = .ready(sizeBytes: size, references: max(references - 1, 0), lastUse: now)
        case .fetching(var waiting):
            if let place = waiting.firstIndex(of: container) { waiting.remove(at: place) }
            self.entries[key]?.state = .fetching(waiting: waiting)
        case .identifying(let order, var waiting):
            if let place = waiting.firstIndex(of: container) { waiting.remove(at: place) }
            self.entries[key]?.state = .identifying(order, waiting: waiting)
        case .shared, nil:
            // Its application ended and took the entry along.
            break
        }
    }

    /// A reference for a container that an earlier NodeManager launched; nothing to wait for if the entry is lost.
    mutating func retain(_ key: ResourceKey, at now: Timestamp) {
        let key = self.holder(of: key)
        guard case .ready(let size, let references, _) = self.entries[key]?.state else { return }
        self.entries[key]?.state = .ready(sizeBytes: size, references: references + 1, lastUse: now)
    }

    /// The path to link to; nil while it is not there.
    func path(_ key: ResourceKey) -> String? {
        guard let entry = self.entries[self.holder(of: key)], case .ready = entry.state else { return nil }
        return entry.path
    }

    /// Those that have resources of their own here.
    var applications: Set<ApplicationID> {
        Set(
            self.entries.keys.compactMap { key in
                if case .application(let application, _) = key.owner { application } else { nil }
            }
        )
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
        for (key, entry) in self.entries where gone.contains(entry.path) {
            guard case .ready = entry.state else { continue }
            directories.append(entry.directory)
            tickets += self.remove(key)
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
            directories.append(candidate.directory)
            if let key = self.keys[candidate.ticket] { tickets += self.remove(key) }
        }
        return (tickets, directories)
    }

    /// What an earlier NodeManager had; references are taken again by the containers it left.
    mutating func restore(_ resources: [CachedResource], at now: Timestamp) {
        for resource in resources {
            self.lastTicket = max(self.lastTicket, resource.ticket.number)
            guard resource.sharedWith == nil else { continue }
            // A clock that was set back must not keep it for ever.
            let lastUse = min(resource.lastUse ?? now, now)
            let state = State.ready(sizeBytes: resource.sizeBytes, references: 0, lastUse: lastUse)
            self.restore(resource, as: state)
            if let content = resource.content { self.contents[Content(content, resource.key)] = resource.key }
        }
        for resource in resources {
            guard let ticket = resource.sharedWith, let holder = self.keys[ticket] else { continue }
            self.restore(resource, as: .shared(with: holder))
        }
    }

    private mutating func restore(_ resource: CachedResource, as state: State) {
        self.entries[resource.key] = Entry(
            ticket: resource.ticket,
            directory: resource.directory,
            path: resource.path,
            content: resource.content,
            storedUse: resource.lastUse,
            state: state
        )
        self.keys[resource.ticket] = resource.key
    }

    /// Entries, for tests and reports.
    var count: Int { self.entries.count }

    /// References that containers hold on an entry; nil when it is not there yet.
    func references(_ key: ResourceKey) -> Int? {
        guard case .ready(_, let references, _) = self.entries[self.holder(of: key)]?.state else { return nil }
        return references
    }
}

extension ResourceKey {
    /// Whether to ask the source for its content's hash first. Only Heddle's staging server gives one, by WebHDFS; and
    /// what an application keeps to itself goes with it.
    fileprivate var mayBeShared: Bool {
        if case .application = self.owner { return false }
        return self.source.scheme == "webhdfs" || self.source.scheme == "swebhdfs"
    }

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
