/// `container_[e<epoch>_]<clusterTimestamp>_<application>_<attempt>_<number>`: one container.
package struct ContainerID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var attempt: ApplicationAttemptID
    /// The number as it travels: the epoch in the upper bits, the sequence number in the lower 40.
    package var packed: Int64

    /// Bits of the sequence number; the epoch stands above them (ContainerIdProto.id).
    package static let sequenceBits: Int64 = 40

    package init(attempt: ApplicationAttemptID, packed: Int64) {
        self.attempt = attempt
        self.packed = packed
    }

    /// - Parameters:
    ///   - epoch: how often the ResourceManager restarted with recovery before it issued this id.
    ///   - sequence: counts the containers of the attempt from 1; normally 1 is the ApplicationMaster's.
    package init(attempt: ApplicationAttemptID, epoch: Int64, sequence: Int64) {
        self.init(attempt: attempt, packed: epoch << Self.sequenceBits | sequence)
    }

    package var epoch: Int64 { self.packed >> Self.sequenceBits }
    package var sequence: Int64 { self.packed & (1 << Self.sequenceBits - 1) }
    package var application: ApplicationID { self.attempt.application }

    /// Reads the text form, with or without an epoch.
    /// - Returns: nil unless `text` has exactly the fields of a container id.
    package init?(_ text: String) {
        guard var fields = IdentifierFields(text, prefix: "container"), let epoch = fields.epochIfPresent(),
            fields.remaining == 4, let clusterTimestamp = fields.int64(), let application = fields.int32(),
            let attempt = fields.int32(), let sequence = fields.int64(), sequence < 1 << Self.sequenceBits,
            epoch ?? 0 < 1 << (62 - Self.sequenceBits)
        else { return nil }
        self.init(
            attempt: ApplicationAttemptID(
                application: ApplicationID(clusterTimestamp: clusterTimestamp, number: application),
                number: attempt
            ),
            epoch: epoch ?? 0,
            sequence: sequence
        )
    }

    package var description: String {
        let epoch = self.epoch > 0 ? "e\(zeroPadded(self.epoch, width: 2))_" : ""
        let attempt = zeroPadded(Int64(self.attempt.number), width: 2)
        return "container_\(epoch)\(self.application.suffix)_\(attempt)_\(zeroPadded(self.sequence, width: 6))"
    }

    package static func < (left: ContainerID, right: ContainerID) -> Bool {
        (left.attempt, left.packed) < (right.attempt, right.packed)
    }
}
