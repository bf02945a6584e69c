/// `application_<clusterTimestamp>_<number>`: an application, unique over restarts of the ResourceManager.
package struct ApplicationID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// When the ResourceManager that issued it started, in milliseconds since the epoch.
    package var clusterTimestamp: Int64
    /// Counts applications of that ResourceManager from 1.
    package var number: Int32

    package init(clusterTimestamp: Int64, number: Int32) {
        self.clusterTimestamp = clusterTimestamp
        self.number = number
    }

    /// Reads the text form.
    /// - Returns: nil unless `text` has exactly the fields of an application id.
    package init?(_ text: String) {
        guard var fields = IdentifierFields(text, prefix: "application"), fields.remaining == 2,
            let clusterTimestamp = fields.int64(), let number = fields.int32()
        else { return nil }
        self.init(clusterTimestamp: clusterTimestamp, number: number)
    }

    package var description: String {
        "application_\(self.suffix)"
    }

    /// What all ids of one application share: `<clusterTimestamp>_<number>`.
    var suffix: String {
        "\(self.clusterTimestamp)_\(zeroPadded(Int64(self.number), width: 4))"
    }

    package static func < (left: ApplicationID, right: ApplicationID) -> Bool {
        (left.clusterTimestamp, left.number) < (right.clusterTimestamp, right.number)
    }
}
