package import ClusterModel

/// A file's or folder's number, never given twice (`fileId` on the wire).
package struct InodeID: Hashable, Comparable, Sendable {
    package var number: UInt64

    package init(_ number: UInt64) {
        self.number = number
    }

    package static let root = InodeID(1)

    package static func < (left: InodeID, right: InodeID) -> Bool { left.number < right.number }
}

/// The first `length` bytes of a piece of stored content. A file is a row of these, so that appending, joining and
/// cutting copy nothing.
package struct Segment: Hashable, Sendable {
    package var hash: ContentHash
    package var length: Int64

    package init(hash: ContentHash, length: Int64) {
        self.hash = hash
        self.length = length
    }
}

/// What `ls -l` shows of an entry, apart from its size and name.
package struct Attributes: Hashable, Sendable {
    package var owner: String
    package var group: String
    /// The nine bits of `rwxrwxrwx` and the sticky bit.
    package var mode: UInt16
    package var modified: Timestamp
    package var accessed: Timestamp
    /// Names with their namespace (`user.origin`) and values.
    package var extended: [ExtendedAttribute] = []
    /// What of the access control list is not in the mode, in order: of the access scope, where there is more than the
    /// mode says, named users and groups and the owning group, the mask being the mode's middle bits; of the default
    /// scope everything.
    package var acl: [AccessEntry] = []

    package init(owner: String, group: String, mode: UInt16, modified: Timestamp, accessed: Timestamp) {
        self.owner = owner
        self.group = group
        self.mode = mode
        self.modified = modified
        self.accessed = accessed
    }

    static let modeMask: UInt16 = 0o1777
    static let stickyBit: UInt16 = 0o1000
}

package struct ExtendedAttribute: Hashable, Sendable {
    package var name: String
    package var value: [UInt8]

    package init(name: String, value: [UInt8]) {
        self.name = name
        self.value = value
    }
}

/// One stream that is being received, by a number that the driver draws.
package struct WriteID: Hashable, Sendable {
    package var number: UInt64

    package init(_ number: UInt64) {
        self.number = number
    }
}

/// A file under construction: who writes, and what becomes of the file if the writer never ends.
package struct Writing: Hashable, Sendable {
    package enum Purpose: Hashable, Sendable {
        /// A new file: readers get what has been received.
        case create
        /// A new content for an old file: readers get the old one until the new one is complete. The attributes are
        /// the old ones, which guard the old content and come back if the stream breaks.
        case overwrite(Attributes)
        /// Readers get the file and what has been received.
        case append
    }

    package var id: WriteID
    package var holder: String
    package var purpose: Purpose
    package var since: Timestamp

    package init(id: WriteID, holder: String, purpose: Purpose, since: Timestamp) {
        self.id = id
        self.holder = holder
        self.purpose = purpose
        self.since = since
    }
}

package struct FileNode: Hashable, Sendable {
    package var segments: [Segment] = []
    package var blockSize: Int64
    package var replication: Int16
    package var writing: Writing?

    package init(blockSize: Int64, replication: Int16) {
        self.blockSize = blockSize
        self.replication = replication
    }

    package var length: Int64 { self.segments.reduce(0) { $0 + $1.length } }

    /// What a file holds that is closed and in one piece, which may be a part of its content.
    package var soleSegment: Segment? {
        self.isUnderConstruction || self.segments.count != 1 ? nil : self.segments[0]
    }

    /// Whether what readers get is still growing. While an old file gets a new content, readers get the old one, which is
    /// whole.
    package var isUnderConstruction: Bool {
        switch self.writing?.purpose {
        case .create, .append: true
        case .overwrite, nil: false
        }
    }
}

/// What a folder may hold, as an administrator has set it; nil is no limit.
package struct Quota: Hashable, Sendable {
    /// Files and folders, the folder itself included.
    package var names: Int64?
    /// Bytes times replication.
    package var space: Int64?

    package init(names: Int64? = nil, space: Int64? = nil) {
        self.names = names
        self.space = space
    }
}

/// One row of the index.
package struct Inode: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case directory(Quota)
        case file(FileNode)
    }

    package var id: InodeID
    package var parent: InodeID
    /// Nil for the root alone.
    package var name: EntryName?
    package var attributes: Attributes
    package var kind: Kind

    package init(id: InodeID, parent: InodeID, name: EntryName?, attributes: Attributes, kind: Kind) {
        self.id = id
        self.parent = parent
        self.name = name
        self.attributes = attributes
        self.kind = kind
    }

    package var file: FileNode? {
        if case .file(let file) = self.kind { file } else { nil }
    }

    package var isDirectory: Bool { self.file == nil }

    package var quota: Quota {
        if case .directory(let quota) = self.kind { quota } else { Quota() }
    }

    mutating func changeFile(_ change: (inout FileNode) -> Void) {
        guard case .file(var file) = self.kind else { return }
        change(&file)
        self.kind = .file(file)
    }
}

/// What a tree holds.
package struct Usage: Hashable, Sendable {
    package var directories: Int64 = 0
    package var files: Int64 = 0
    package var length: Int64 = 0
    /// Bytes times replication, which is what HDFS counts.
    package var space: Int64 = 0

    package var names: Int64 { self.directories + self.files }

    static func + (left: Usage, right: Usage) -> Usage {
        Usage(
            directories: left.directories + right.directories,
            files: left.files + right.files,
            length: left.length + right.length,
            space: left.space + right.space
        )
    }

    static prefix func - (usage: Usage) -> Usage {
        Usage(directories: -usage.directories, files: -usage.files, length: -usage.length, space: -usage.space)
    }
}

extension Inode {
    /// What the entry itself adds to the trees it is in.
    var ownUsage: Usage {
        guard let file = self.file else { return Usage(directories: 1) }
        let length = file.length
        return Usage(
            files: 1,
            length: length,
            space: length.multipliedReportingOverflow(by: Int64(file.replication)).partialValue
        )
    }
}
