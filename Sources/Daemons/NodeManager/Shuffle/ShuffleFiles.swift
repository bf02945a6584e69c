import BlockExchange
import ClusterModel
import Glibc

/// The shuffle files that executors have left in their applications' folders.
///
/// Containers write these folders, so nothing in them is trusted: folders and files are opened one below the other without
/// following links, and only regular files are read that are their application's own.
struct ShuffleFiles: Sendable {
    /// `yarn.nodemanager.local-dirs`
    let directories: [String]

    /// Map tasks of a shuffle; who makes more names does not keep a thread for longer.
    static let entriesMaximum = 1 << 20

    /// A file as it was looked at. It is opened again when it is its turn: an answer of many files holds one at a time.
    struct File: Sendable {
        fileprivate var folder: FileDescriptor
        fileprivate var name: String
        fileprivate var identity: FileDescriptor.Status.Identity

        /// - Throws: when the file is another one now, or shorter.
        func open(through end: Int64) throws(ShuffleFileChanged) -> FileDescriptor {
            guard let file = ShuffleFiles.open(self.name, in: self.folder), let status = file.status,
                status.identity == self.identity, status.size >= end
            else { throw ShuffleFileChanged() }
            return file
        }
    }

    /// The folder of an executor's shuffle on one disk.
    private struct Folder {
        var descriptor: FileDescriptor
        /// The user whose the application's folder is.
        var owner: UInt32
    }

    /// Chooses what is sent. Blocks.
    /// - Parameter user: who submitted the application.
    /// - Returns: nil when there is no sound file of the first map task.
    func answer(_ request: ShuffleRequest, user: String) -> ShuffleAnswer<File>? {
        var places: [Int: Folder] = [:]
        for directory in self.directories {
            guard let folder = Self.folder(request, user: user, below: directory) else { continue }
            for name in folder.descriptor.entryNames(upTo: Self.entriesMaximum) {
                guard let mapTask = ShuffleRequest.mapTask(of: name), mapTask >= request.mapTask,
                    places[mapTask] == nil
                else { continue }
                places[mapTask] = folder
            }
        }
        guard places[request.mapTask] != nil else { return nil }
        var answer = ShuffleAnswer<File>(request)
        for mapTask in places.keys.sorted() {
            guard answer.wantsMore || mapTask == request.mapTask else { break }
            guard let folder = places[mapTask] else { continue }
            let isAdded = Self.add(mapTask, in: folder, request, to: &answer)
            guard isAdded || mapTask != request.mapTask else { return nil }
        }
        return answer
    }

    private static func folder(_ request: ShuffleRequest, user: String, below directory: String) -> Folder? {
        guard ContainerLogs.isPlainName(user), let root = FileDescriptor.openRoot(directory) else { return nil }
        func descend(_ names: [String], from folder: FileDescriptor) -> FileDescriptor? {
            names.reduce(folder) { folder, name in
                folder.flatMap { FileDescriptor.open(name, in: $0, flags: O_RDONLY | O_DIRECTORY) }
            }
        }
        let application = "\(request.application)"
        guard let own = descend(["usercache", user, "appcache", application], from: root),
            let owner = own.status?.owner,
            let folder = descend([ShuffleLayout.folderName, "\(request.executor)", request.digest], from: own)
        else { return nil }
        return Folder(descriptor: folder, owner: owner)
    }

    fileprivate static func open(_ name: String, in folder: FileDescriptor) -> FileDescriptor? {
        FileDescriptor.open(name, in: folder, flags: O_RDONLY | O_NONBLOCK)
    }

    /// - Returns: false when the file is not what it should be: then it is as if it were not there.
    private static func add(
        _ mapTask: Int,
        in folder: Folder,
        _ request: ShuffleRequest,
        to answer: inout ShuffleAnswer<File>
    ) -> Bool {
        let name = "\(mapTask)"
        guard let file = Self.open(name, in: folder.descriptor), let status = file.status, status.isRegular,
            status.owner == folder.owner, let segment = Self.segment(request.partition, of: file, size: status.size)
        else { return false }
        guard answer.wantsMore, var selection = answer.selection(of: mapTask, segment) else { return true }
        while let offset = selection.nextHead() {
            guard selection.pass(file.read(at: offset, count: Int(FrameSelection.headBytes))) else { return false }
        }
        answer.add(
            mapTask,
            File(folder: folder.descriptor, name: name, identity: status.identity),
            selection
        )
        return true
    }

    /// Where the file has a partition's frames; nil when the file does not add up.
    private static func segment(_ partition: Int, of file: FileDescriptor, size: Int64) -> Range<Int64>? {
        guard size >= ShuffleLayout.footerBytes else { return nil }
        let footer = file.read(at: size - ShuffleLayout.footerBytes, count: Int(ShuffleLayout.footerBytes))
        guard let layout = ShuffleLayout(footer: footer, size: size), let place = layout.positions(of: partition)
        else { return nil }
        return layout.segment(file.read(at: place.lowerBound, count: place.count))
    }
}

/// A file was replaced or cut while it was being sent.
struct ShuffleFileChanged: Error {}
