import ClusterModel
import OrderedCollections

// From an accepted container to its launch order.
extension NodeManagerCore {
    /// Takes references on all resources of a container, orders the downloads that are missing, and launches it when
    /// nothing is.
    mutating func localize(
        _ id: ContainerID,
        _ keys: [ResourceKey],
        at now: Timestamp,
        into effects: inout Effects
    ) {
        guard let container = self.containers[id] else { return }
        var pending = 0
        for (key, named) in zip(keys, container.start.context.localResources) {
            let folder = self.folder(offset: pending)
            let answer = self.cache.acquire(
                named.resource,
                key: key,
                for: id,
                user: container.user,
                tokens: container.start.context.webTokens,
                folder: LocalFolder(folder),
                entriesPerDirectory: self.settings.cacheEntriesPerDirectory,
                at: now
            )
            switch answer {
            case .ready: break
            case .wait: pending += 1
            case .identify(let order):
                pending += 1
                self.noteOrdered(order, in: folder)
                effects.actions.append(.identify(order))
            case .fetch(let order):
                pending += 1
                self.noteOrdered(order, in: folder)
                effects.actions.append(.localize(order))
            }
        }
        self.containers[id]?.resources = keys
        if container.wasRelocalized {
            self.containers[id]?.lifecycle.relocalize(pendingResources: pending)
        } else {
            self.containers[id]?.lifecycle = ContainerLifecycle(pendingResources: pending)
        }
        if pending == 0 { self.launch(id, into: &effects) }
        self.publish(id, into: &effects)
    }

    /// Good local folders but those whose disk has filled up since the last check; all of them where none is left, since the
    /// error of who finds no room says more than a refusal.
    var roomyLocalDirectories: [String] {
        let good = self.health.goodLocalDirectories
        guard let limits = self.settings.diskLimits else { return good }
        let roomy = good.filter { folder in self.measuredRoom[folder].map { limits.allow($0) } ?? true }
        return roomy.isEmpty ? good : roomy
    }

    /// The folder for a download: that of the disk with the most room, counting what is already on its way there; one
    /// after the other where nobody measured.
    private func folder(offset: Int) -> String {
        let folders = self.roomyLocalDirectories
        let first = (self.acceptedCount + offset) % folders.count
        let good = self.health.goodLocalDirectories
        guard self.health.localFreeBytes.count == good.count else { return folders[first] }
        let free = Dictionary(zip(good, self.health.localFreeBytes), uniquingKeysWith: { $1 })
        func room(_ folder: String) -> Int64 {
            let left = free[folder, default: 0] - self.orderedBytes[folder, default: 0]
            return min(left, self.measuredRoom[folder]?.freeBytes ?? .max)
        }
        return folders.reduce(folders[first]) { best, folder in room(folder) > room(best) ? folder : best }
    }

    private mutating func noteOrdered(_ order: LocalizationOrder, in folder: String) {
        let (sum, overflow) = self.orderedBytes[folder, default: 0].addingReportingOverflow(max(order.resource.size, 1))
        self.orderedBytes[folder] = overflow ? .max / 2 : min(sum, .max / 2)
    }

    mutating func resourceLocalized(
        _ ticket: ResourceTicket,
        _ file: LocalizedFile,
        at now: Timestamp,
        into effects: inout Effects
    ) {
        let completion = self.cache.localized(ticket, file, at: now)
        effects.records += completion.stored.map { .resourceLocalized($0) }
        if let directory = completion.delete { effects.actions.append(.delete([directory])) }
        self.resourceArrived(for: completion.waiting, into: &effects)
    }

    mutating func resourceIdentified(
        _ ticket: ResourceTicket,
        _ content: ContentHash?,
        at now: Timestamp,
        into effects: inout Effects
    ) {
        switch self.cache.identified(ticket, content, at: now) {
        case .fetch(let order): effects.actions.append(.localize(order))
        case .ready(let waiting, let stored):
            effects.records.append(.resourceLocalized(stored))
            self.resourceArrived(for: waiting, into: &effects)
        case .wait, .none: break
        }
    }

    private mutating func resourceArrived(for waiting: [ContainerID], into effects: inout Effects) {
        for id in waiting where self.containers[id]?.lifecycle.resourceReady() == .launch {
            self.launch(id, into: &effects)
            self.publish(id, into: &effects)
        }
    }

    mutating func resourceFailed(
        _ ticket: ResourceTicket,
        _ text: String,
        at now: Timestamp,
        into effects: inout Effects
    ) {
        let completion = self.cache.failed(ticket)
        if let directory = completion.delete { effects.actions.append(.delete([directory])) }
        for id in completion.waiting {
            // A container may wait for the same resource under two names, and may have failed for another one.
            guard case .complete(let status) = self.containers[id]?.lifecycle.resourceFailed() else { continue }
            self.complete(id, status, pieces: [text], at: now, into: &effects)
        }
    }

    /// Files of the cache are gone from disk (somebody tidied up /tmp): fetch them again, once.
    /// - Returns: false when that was tried before, or there is nothing to fetch again.
    mutating func relocalize(
        _ id: ContainerID,
        missing paths: [String],
        at now: Timestamp,
        into effects: inout Effects
    ) -> Bool {
        guard let container = self.containers[id], !container.wasRelocalized,
            container.lifecycle.state == .launching(stop: nil), !self.health.goodLocalDirectories.isEmpty
        else { return false }
        let gone = self.cache.vanished(paths: paths)
        // Another container may have noticed first, and the new copy be under way or even here.
        for ticket in gone.tickets { effects.records.append(.resourceRemoved(ticket)) }
        if !gone.directories.isEmpty { effects.actions.append(.delete(gone.directories)) }
        let keys = container.resources
        for key in keys { self.cache.release(key, by: id, at: now) }
        self.containers[id]?.wasRelocalized = true
        self.localize(id, keys, at: now, into: &effects)
        return true
    }

    mutating func shrinkCache(into effects: inout Effects) {
        let removed = self.cache.shrink(toBytes: self.settings.cacheTargetMiB << 20)
        effects.records += self.cache.usesToStore().map { .resourceLocalized($0) }
        guard !removed.tickets.isEmpty else { return }
        for ticket in removed.tickets { effects.records.append(.resourceRemoved(ticket)) }
        effects.actions.append(.delete(removed.directories))
    }

    // MARK: - Launch

    func launch(_ id: ContainerID, into effects: inout Effects) {
        guard let container = self.containers[id] else { return }
        effects.actions.append(.launch(self.launchOrder(for: container)))
    }

    /// Everything about a launch, decided.
    func launchOrder(for container: Container) -> LaunchOrder {
        let id = container.id
        let user = container.user
        let locals = self.health.goodLocalDirectories.map(LocalFolder.init)
        let logs = self.health.goodLogDirectories.map { logDirectory($0, id) }
        let facts = ContainerEnvironment.Facts(
            container: id,
            user: user,
            node: self.node,
            directories: container.directories,
            applicationDirectories: locals.map { $0.applicationFolder(id.application, user: user) },
            userDirectories: locals.map { $0.userFolder(user) + "/" },
            logDirectories: logs,
            services: self.settings.auxiliaryServices.map { EnvironmentVariable($0.name, $0.metadataBase64) }
        )
        let context = container.start.context
        let environment = ContainerEnvironment(facts: facts, user: context.environment, settings: self.settings)
        let script = LaunchScript(
            commands: context.commands,
            environment: environment,
            logDirectory: container.directories.log
        )
        let links = zip(context.localResources, container.resources).compactMap { named, key in
            self.cache.path(key).map { ResourceLink(name: named.name, target: $0) }
        }
        return LaunchOrder(
            container: id,
            user: user,
            directories: self.directoryOrders(for: container, locals: locals, logs: logs),
            workDirectory: container.directories.work,
            privateDirectory: container.directories.private,
            logDirectory: container.directories.log,
            links: links,
            script: script.text,
            keepsScript: self.settings.keepsLaunchScript,
            tokens: context.tokens,
            environment: self.settings.inheritedEnvironment,
            resource: container.start.grant.resource
        )
    }

    private func directoryOrders(
        for container: Container,
        locals: [LocalFolder],
        logs: [String]
    ) -> [DirectoryOrder] {
        let id = container.id
        var orders: [DirectoryOrder] = []
        for local in locals { orders += local.applicationFolders(id.application, user: container.user) }
        orders.append(DirectoryOrder(container.directories.work, mode: 0o710, owner: .user))
        orders.append(DirectoryOrder("\(container.directories.work)/tmp", mode: 0o710, owner: .user))
        for log in logs {
            let application = String(log.dropLast(id.description.utf8.count + 1))
            let mode = self.settings.logDirectoryMode
            orders.append(DirectoryOrder(application, mode: mode, owner: .user))
            orders.append(DirectoryOrder(log, mode: mode, owner: .user))
        }
        let privateParent = String(container.directories.private.dropLast(id.description.utf8.count + 1))
        let privateRoot = String(privateParent.dropLast(id.application.description.utf8.count + 1))
        for path in [privateRoot, privateParent, container.directories.private] {
            orders.append(DirectoryOrder(path, mode: 0o700, owner: .daemon))
        }
        return orders
    }
}
