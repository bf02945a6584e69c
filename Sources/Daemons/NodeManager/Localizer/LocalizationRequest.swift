package import Staging

/// One resource to bring onto this node, as its application stated it (LocalResourceProto).
package struct LocalizationRequest: Sendable, Hashable {
    /// How the resource is laid out once it is here.
    package enum Kind: Sendable, Hashable {
        /// As it is.
        case file
        /// Unpacked, if its name ends in .zip, .jar, .tar, .tar.gz or .tgz; else as it is.
        case archive
        /// A .jar kept whole beside those of its entries that match the expression; other archives are unpacked.
        case pattern(String)
    }

    /// Who may share the local copy.
    package enum Visibility: Sendable, Hashable {
        /// Everybody on this node.
        case `public`
        /// All applications of the same user.
        case `private`
        /// One application.
        case application
    }

    package var source: ResourceLocation
    /// When the source was last changed, in milliseconds since 1970; 0 or less where nobody knows (http).
    package var timestamp: Int64
    /// Bytes; -1 where nobody knows. Checked for `.file` only, since Hadoop never checks it and clients know that.
    package var size: Int64
    package var kind: Kind
    package var visibility: Visibility
    /// Whose rights open the source and who owns the copy unless it is public; nil: the NodeManager's own.
    package var account: OperatingSystemAccount?
    /// Whom other file systems know the reader as; nil: by the name of the account.
    package var user: String?
    /// What the application has for proving to WebHDFS servers who it is.
    package var tokens = DelegationTokens()
    /// SHA-256 that the bytes must have, in lower-case hexadecimal digits; nil where nobody knows.
    package var sha256: String?

    package init(
        source: ResourceLocation,
        timestamp: Int64,
        size: Int64,
        kind: Kind,
        visibility: Visibility,
        account: OperatingSystemAccount? = nil,
        user: String? = nil,
        sha256: String? = nil
    ) {
        self.source = source
        self.timestamp = timestamp
        self.size = size
        self.kind = kind
        self.visibility = visibility
        self.account = account
        self.user = user
        self.sha256 = sha256
    }
}

/// A resource that is on this node, ready to be linked into work folders.
package struct LocalizedResource: Sendable, Hashable {
    /// The file or the folder it was unpacked to: the last path element of its source, inside the folder asked for.
    package var path: String
    /// Bytes on this node's disk.
    package var size: Int64

    package init(path: String, size: Int64) {
        self.path = path
        self.size = size
    }
}

/// Why a resource did not come: text for the container's diagnostics.
package struct LocalizationFailure: Error, Sendable, Hashable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) {
        self.description = description
    }
}
