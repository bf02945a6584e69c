import ClusterModel

/// Hadoop's layout below one local folder. Every name in a path comes from a parsed id, a checked user name or a counter.
struct LocalFolder: Sendable {
    var root: String

    init(_ root: String) {
        self.root = root
    }

    var publicCache: String { "\(self.root)/filecache" }
    func userFolder(_ user: String) -> String { "\(self.root)/usercache/\(user)" }
    func userCache(_ user: String) -> String { "\(self.userFolder(user))/filecache" }
    func applicationFolder(_ application: ApplicationID, user: String) -> String {
        "\(self.userFolder(user))/appcache/\(application)"
    }
    func workDirectory(_ container: ContainerID, user: String) -> String {
        "\(self.applicationFolder(container.application, user: user))/\(container)"
    }
    func privateFolder(_ application: ApplicationID) -> String { "\(self.root)/nmPrivate/\(application)" }
    func privateDirectory(_ container: ContainerID) -> String {
        "\(self.privateFolder(container.application))/\(container)"
    }

    /// Hadoop's folders with Hadoop's modes: those of the node may be walked through, those of a user only by the user.
    func userFolders(_ user: String) -> [DirectoryOrder] {
        [
            DirectoryOrder("\(self.root)/usercache", mode: 0o755, owner: .daemon),
            DirectoryOrder(self.userFolder(user), mode: 0o750, owner: .user),
        ]
    }

    func applicationFolders(_ application: ApplicationID, user: String) -> [DirectoryOrder] {
        self.userFolders(user) + [
            DirectoryOrder("\(self.userFolder(user))/appcache", mode: 0o710, owner: .user),
            DirectoryOrder(self.applicationFolder(application, user: user), mode: 0o710, owner: .user),
        ]
    }

    /// The folders above an entry of a cache.
    func cacheParents(_ owner: ResourceKey.Owner, entry: String) -> [DirectoryOrder] {
        let cache = self.cache(owner)
        var orders: [DirectoryOrder]
        switch owner {
        case .everybody: orders = [DirectoryOrder(cache, mode: 0o755, owner: .daemon)]
        case .user(let user): orders = self.userFolders(user) + [DirectoryOrder(cache, mode: 0o710, owner: .user)]
        case .application(let application, let user):
            orders =
                self.applicationFolders(application, user: user) + [DirectoryOrder(cache, mode: 0o710, owner: .user)]
        }
        let parent = entry.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        if parent != cache, let last = orders.last {
            orders.append(DirectoryOrder(parent, mode: last.mode, owner: last.owner))
        }
        return orders
    }

    func cache(_ owner: ResourceKey.Owner) -> String {
        switch owner {
        case .everybody: self.publicCache
        case .user(let user): self.userCache(user)
        case .application(let application, let user): "\(self.applicationFolder(application, user: user))/filecache"
        }
    }
}

/// A container's folder below one log folder.
func logDirectory(_ root: String, _ container: ContainerID) -> String {
    "\(root)/\(container.application)/\(container)"
}

/// The folder of the numbered entry of a cache, below the cache's own folder: the number alone, and from the limit of
/// entries on one folder deeper for each further block of that size.
func cacheEntryPath(_ number: Int64, entriesPerDirectory limit: Int) -> String {
    let limit = Int64(max(limit, 1))
    let block = number / limit
    return block == 0 ? "\(number)" : "\(String(block - 1, radix: 36))/\(number)"
}
