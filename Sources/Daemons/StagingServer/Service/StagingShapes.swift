import ClusterModel
import HadoopHTTP
import StagingCore

/// WebHDFS's JSON (`JsonUtil` of Hadoop).
enum StagingShapes {
    static func status(_ status: EntryStatus, suffix: String) -> RESTObject {
        let inode = status.inode
        var object = RESTObject()
        object.add("accessTime", inode.attributes.accessed.milliseconds)
        // HDFS says it only where it is so.
        if !inode.attributes.acl.isEmpty { object.add("aclBit", true) }
        object.add("blockSize", inode.file?.blockSize ?? 0)
        object.add("childrenNum", status.children)
        object.add("fileId", Int64(clamping: inode.id.number))
        object.add("group", inode.attributes.group)
        object.add("length", status.length)
        object.add("modificationTime", inode.attributes.modified.milliseconds)
        object.add("owner", inode.attributes.owner)
        object.add("pathSuffix", suffix)
        object.add("permission", String(inode.attributes.mode, radix: 8))
        object.add("replication", inode.file?.replication ?? 0)
        object.add("storagePolicy", 0)
        object.add("type", inode.isDirectory ? "DIRECTORY" : "FILE")
        return object
    }

    /// A file lists itself without a name.
    static func statuses(_ entries: [EntryStatus], isDirectory: Bool) -> RESTObject {
        var object = RESTObject()
        object.add(
            "FileStatus",
            .list(
                entries.map { entry in
                    .object(Self.status(entry, suffix: isDirectory ? entry.inode.name?.description ?? "" : ""))
                }
            )
        )
        return object
    }

    static func partialListing(_ entries: [EntryStatus], isDirectory: Bool, remaining: Int) -> RESTObject {
        var partial = RESTObject()
        partial.add("FileStatuses", Self.statuses(entries, isDirectory: isDirectory))
        var listing = RESTObject()
        listing.add("partialListing", partial)
        listing.add("remainingEntries", remaining)
        return listing
    }

    static func summary(_ usage: Usage, _ quota: Quota) -> RESTObject {
        var object = RESTObject()
        object.add("directoryCount", usage.directories)
        object.add("ecPolicy", usage.files > 0 && usage.directories == 0 ? "Replicated" : "")
        object.add("fileCount", usage.files)
        object.add("length", usage.length)
        object.add("quota", quota.names ?? -1)
        object.add("snapshotDirectoryCount", 0)
        object.add("snapshotFileCount", 0)
        object.add("snapshotLength", 0)
        object.add("snapshotSpaceConsumed", 0)
        object.add("spaceConsumed", usage.space)
        object.add("spaceQuota", quota.space ?? -1)
        object.add("typeQuota", .object(RESTObject()))
        return object
    }

    static func quotaUsage(_ usage: Usage, _ quota: Quota) -> RESTObject {
        var object = RESTObject()
        object.add("fileAndDirectoryCount", usage.names)
        object.add("quota", quota.names ?? -1)
        object.add("spaceConsumed", usage.space)
        object.add("spaceQuota", quota.space ?? -1)
        object.add("typeQuota", .object(RESTObject()))
        return object
    }

    /// What of an entry's access control list is not in its mode; clients put the two together.
    static func access(_ inode: Inode) -> RESTObject {
        var object = RESTObject()
        object.add("entries", .list(inode.attributes.acl.map { .string($0.text) }))
        object.add("group", inode.attributes.group)
        object.add("owner", inode.attributes.owner)
        object.add("permission", String(inode.attributes.mode & 0o777, radix: 8))
        object.add("stickyBit", inode.attributes.mode & 0o1000 != 0)
        return object
    }

    /// What `hadoop fs -df` shows.
    static func room(_ room: DiskRoom) -> RESTObject {
        var object = RESTObject()
        object.add("capacity", room.capacity)
        object.add("remaining", room.free)
        object.add("used", room.capacity - room.free)
        return object
    }

    static func serverDefaults() -> RESTObject {
        var object = RESTObject()
        object.add("blockSize", StagingParameters.blockSize)
        object.add("bytesPerChecksum", 512)
        object.add("checksumType", 2)
        object.add("defaultStoragePolicyId", 7)
        object.add("encryptDataTransfer", false)
        object.add("fileBufferSize", 4_096)
        object.add("keyProviderUri", "")
        object.add("replication", StagingParameters.replication)
        object.add("trashInterval", 0)
        object.add("writePacketSize", 65_536)
        return object
    }

    /// The blocks of a range, as offsets and sizes: readers split files by them.
    private static func blocks(_ status: EntryStatus, from offset: Int64, length: Int64) -> [(Int64, Int64)] {
        guard let file = status.inode.file, offset < status.length else { return [] }
        let end = length > status.length - offset ? status.length : offset + length
        var blocks: [(Int64, Int64)] = []
        var start = offset - offset % file.blockSize
        while start < end {
            blocks.append((start, min(file.blockSize, status.length - start)))
            start += file.blockSize
        }
        return blocks
    }

    /// GETFILEBLOCKLOCATIONS: all blocks are on this server.
    static func blockLocations(_ status: EntryStatus, host: String, from offset: Int64, length: Int64) -> RESTObject {
        let list = Self.blocks(status, from: offset, length: length).map { start, size in
            var block = RESTObject()
            block.add("cachedHosts", .list([]))
            block.add("corrupt", false)
            block.add("hosts", .list([.string(host)]))
            block.add("length", size)
            block.add("names", .list([.string(host)]))
            block.add("offset", start)
            block.add("storageTypes", .list([.string("DISK")]))
            block.add("topologyPaths", .list([.string("/default-rack/\(host)")]))
            return RESTValue.object(block)
        }
        var object = RESTObject()
        object.add("BlockLocation", .list(list))
        return object
    }

    /// GET_BLOCK_LOCATIONS: the same in HDFS's own terms, which Hadoop's 3.3 client asks for.
    static func locatedBlocks(_ status: EntryStatus, host: String, from offset: Int64, length: Int64) -> RESTObject {
        let list = Self.blocks(status, from: offset, length: length).map { start, size in
            var block = RESTObject()
            block.add("blockId", Int64(clamping: status.inode.id.number))
            block.add("blockPoolId", "heddle")
            block.add("generationStamp", 0)
            block.add("numBytes", size)
            var located = RESTObject()
            located.add("block", block)
            located.add("blockToken", .null)
            located.add("cachedLocations", .list([]))
            located.add("isCorrupt", false)
            located.add("locations", .list([.object(Self.node(host))]))
            located.add("startOffset", start)
            located.add("storageTypes", .list([.string("DISK")]))
            return RESTValue.object(located)
        }
        var object = RESTObject()
        object.add("fileLength", status.length)
        let isUnderConstruction = status.inode.file?.isUnderConstruction ?? false
        object.add("isLastBlockComplete", !isUnderConstruction)
        object.add("isUnderConstruction", isUnderConstruction)
        object.add("lastLocatedBlock", .null)
        object.add("locatedBlocks", .list(list))
        return object
    }

    /// This server as a DataNode, of which clients look at the host alone.
    private static func node(_ host: String) -> RESTObject {
        var object = RESTObject()
        object.add("adminState", "NORMAL")
        object.add("hostName", host)
        object.add("infoPort", 0)
        object.add("ipAddr", host)
        object.add("ipcPort", 0)
        object.add("networkLocation", "/default-rack")
        object.add("storageID", "heddle")
        object.add("xferPort", 0)
        return object
    }
}
