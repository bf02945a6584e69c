/// `appattempt_<clusterTimestamp>_<application>_<number>`: one run of an application's ApplicationMaster.
package struct ApplicationAttemptID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var application: ApplicationID
    /// Counts the attempts of the application from 1.
    package var number: Int32

    package init(application: ApplicationID, number: Int32) {
        self.application = application
        self.number = number
    }

    /// Reads the text form.
    /// - Returns: nil unless `text` has exactly the fields of an attempt id.
    package init?(_ text: String) {
        guard var fields = IdentifierFields(text, prefix: "appattempt"), fields.remaining == 3,
            let clusterTimestamp = fields.int64(), let application = fields.int32(), let number = fields.int32()
        else { return nil }
        self.init(
            application: ApplicationID(clusterTimestamp: clusterTimestamp, number: application),
            number: number
        )
    }

    package var description: String {
        "appattempt_\(self.application.suffix)_\(zeroPadded(Int64(self.number), width: 6))"
    }

    package static func < (left: ApplicationAttemptID, right: ApplicationAttemptID) -> Bool {
        (left.application, left.number) < (right.application, right.number)
    }
}
