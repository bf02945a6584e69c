/// Why a store cannot be used, for the operator: which file, what is wrong, what to do.
package struct StateStoreError: Error, Sendable, CustomStringConvertible {
    package enum Reason: Sendable, Hashable {
        /// The file is no database, or its contents fail their checksums.
        case corrupt
        /// A newer Heddle wrote the file.
        case newerFormat
        /// The file or its folder cannot be made, opened or trusted.
        case inaccessible
        /// A write failed for a reason that may pass: the disk is full, the file is busy.
        case writeFailed
        /// The store was closed.
        case closed
    }

    package var reason: Reason
    package var path: String
    package var detail: String

    package init(reason: Reason, path: String, detail: String) {
        self.reason = reason
        self.path = path
        self.detail = detail
    }

    package var description: String {
        switch self.reason {
        case .corrupt:
            """
            The state store \(self.path) is damaged: \(self.detail). Restore it from a copy, or move the file and its \
            -wal and -shm files away to start without the applications it lists.
            """
        case .newerFormat:
            "The state store \(self.path) cannot be read by this version of Heddle: \(self.detail)."
        case .inaccessible:
            "The state store \(self.path) cannot be used: \(self.detail)."
        case .writeFailed:
            "Writing to the state store \(self.path) failed: \(self.detail)."
        case .closed:
            "The state store \(self.path) is closed."
        }
    }
}
