package import ClusterModel

/// Which tokens a key signs.
package enum MasterKeyKind: Int, Sendable, Hashable, CaseIterable {
    /// AMRMToken: ApplicationMaster to ResourceManager.
    case applicationMaster = 1
    /// ContainerToken.
    case container = 2
    /// NMToken.
    case node = 3
    /// RM_DELEGATION_TOKEN.
    case delegation = 4
}

/// A key that signs tokens; its bytes come from outside.
package struct MasterKey: Sendable, Hashable {
    package var id: Int32
    package var bytes: [UInt8]

    package init(id: Int32, bytes: [UInt8]) {
        self.id = id
        self.bytes = bytes
    }
}

/// A delegation token as issued (YARNDelegationTokenIdentifierProto); its password is the edge's to compute.
package struct DelegationToken: Sendable, Hashable {
    package var owner: String
    package var renewer: String
    package var realUser: String
    package var issuedAt: Timestamp
    /// No renewal reaches beyond it (`maxDate`).
    package var maximumDate: Timestamp
    package var sequenceNumber: Int32
    package var keyID: Int32
    /// Good until then, unless renewed.
    package var expiresAt: Timestamp

    package init(
        owner: String,
        renewer: String,
        realUser: String,
        issuedAt: Timestamp,
        maximumDate: Timestamp,
        sequenceNumber: Int32,
        keyID: Int32,
        expiresAt: Timestamp
    ) {
        self.owner = owner
        self.renewer = renewer
        self.realUser = realUser
        self.issuedAt = issuedAt
        self.maximumDate = maximumDate
        self.sequenceNumber = sequenceNumber
        self.keyID = keyID
        self.expiresAt = expiresAt
    }
}
