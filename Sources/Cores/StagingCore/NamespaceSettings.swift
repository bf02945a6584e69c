/// What a namespace decides by.
package struct NamespaceSettings: Hashable, Sendable {
    /// Owner of what the server makes itself.
    package var superuser: String
    /// `heddle.staging.supergroup`
    package var supergroup: String
    /// Names of folders that hold an application's files while it runs. A stream that breaks leaves nothing in them,
    /// and what an application has left in them goes after `abandonedAfter`.
    package var scratchFolders: [String]
    /// Milliseconds for which nothing below an application's scratch folder was written or read; nil keeps it.
    package var abandonedAfter: Int64?
    /// Whether somebody knows which applications run: the folder of one that runs is not abandoned, nor that of one of which
    /// it cannot be found out.
    package var asksForApplications: Bool
    /// Milliseconds between the two steps of a CREATE or APPEND.
    package var beginWithin: Int64
    /// How exact access times are (`dfs.namenode.accesstime.precision`, milliseconds).
    package var accessTimePrecision: Int64
    /// Pieces of one file (`dfs.namenode.fs-limits.max-blocks-per-file`).
    package var segmentsMaximum: Int
    /// Attributes of one entry (`dfs.namenode.fs-limits.max-xattrs-per-inode`).
    package var extendedAttributesMaximum: Int
    /// Bytes of one attribute's name and value (`dfs.namenode.fs-limits.max-xattr-size`).
    package var extendedAttributeBytesMaximum: Int

    /// After how many milliseconds another reading is noted: never so late that a folder in use could count as abandoned.
    var accessInterval: Int64 { min(self.accessTimePrecision, (self.abandonedAfter ?? .max) / 8) }

    package init(
        superuser: String,
        supergroup: String = "supergroup",
        scratchFolders: [String] = [".sparkStaging"],
        abandonedAfter: Int64? = 7 * 24 * 3_600_000,
        asksForApplications: Bool = false,
        beginWithin: Int64 = 60_000,
        accessTimePrecision: Int64 = 3_600_000,
        segmentsMaximum: Int = 10_000,
        extendedAttributesMaximum: Int = 32,
        extendedAttributeBytesMaximum: Int = 16_384
    ) {
        self.superuser = superuser
        self.supergroup = supergroup
        self.scratchFolders = scratchFolders
        self.abandonedAfter = abandonedAfter
        self.asksForApplications = asksForApplications
        self.beginWithin = beginWithin
        self.accessTimePrecision = accessTimePrecision
        self.segmentsMaximum = segmentsMaximum
        self.extendedAttributesMaximum = extendedAttributesMaximum
        self.extendedAttributeBytesMaximum = extendedAttributeBytesMaximum
    }
}
