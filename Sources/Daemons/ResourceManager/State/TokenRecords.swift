import ClusterModel
import Foundation
import HadoopProtos
import ModelConversion
import ResourceManagerCore

extension ResourceManagerCore.MasterKeysRecord {
    init(validating proto: MasterKeysRecordProto) throws(ConversionError) {
        guard let kind = MasterKeyKind(rawValue: Int(proto.kind)) else {
            throw ConversionError(field: "kind", problem: "is \(proto.kind); kinds of keys are numbered from 1 to 4")
        }
        self.init(
            kind: kind,
            current: MasterKey(proto.current),
            next: proto.hasNext ? MasterKey(proto.next) : nil,
            nextActivatesAt: Timestamp(milliseconds: proto.nextActivatesAt),
            rollsAt: Timestamp(milliseconds: proto.rollsAt),
            retired: proto.retired.map { retired in
                .init(
                    key: MasterKey(retired),
                    dropsAt: Timestamp(milliseconds: retired.dropsAt)
                )
            },
            unknownFields: proto.keptFields
        )
    }

    var proto: MasterKeysRecordProto {
        var proto = MasterKeysRecordProto()
        proto.kind = Int32(self.kind.rawValue)
        proto.current = self.current.recordProto
        if let next = self.next {
            proto.next = next.recordProto
        }
        proto.nextActivatesAt = self.nextActivatesAt.milliseconds
        proto.rollsAt = self.rollsAt.milliseconds
        proto.retired = self.retired.map { retired in
            var proto = retired.key.recordProto
            proto.dropsAt = retired.dropsAt.milliseconds
            return proto
        }
        return proto
    }
}

extension MasterKey {
    fileprivate init(_ proto: MasterKeyRecordProto) {
        self.init(id: proto.id, bytes: [UInt8](proto.bytes))
    }

    fileprivate var recordProto: MasterKeyRecordProto {
        var proto = MasterKeyRecordProto()
        proto.id = self.id
        proto.bytes = Data(self.bytes)
        return proto
    }
}

extension ResourceManagerCore.DelegationTokenRecord {
    init(validating proto: DelegationTokenRecordProto) throws(ConversionError) {
        guard proto.hasSequenceNumber else { throw ConversionError(field: "sequence_number", problem: "is missing") }
        self.init(
            token: DelegationToken(
                owner: proto.owner,
                renewer: proto.renewer,
                realUser: proto.realUser,
                issuedAt: Timestamp(milliseconds: proto.issuedAt),
                maximumDate: Timestamp(milliseconds: proto.maximumDate),
                sequenceNumber: proto.sequenceNumber,
                keyID: proto.keyID,
                expiresAt: Timestamp(milliseconds: proto.expiresAt)
            ),
            unknownFields: proto.keptFields
        )
    }

    var proto: DelegationTokenRecordProto {
        var proto = DelegationTokenRecordProto()
        proto.owner = self.token.owner
        proto.renewer = self.token.renewer
        proto.realUser = self.token.realUser
        proto.issuedAt = self.token.issuedAt.milliseconds
        proto.maximumDate = self.token.maximumDate.milliseconds
        proto.sequenceNumber = self.token.sequenceNumber
        proto.keyID = self.token.keyID
        proto.expiresAt = self.token.expiresAt.milliseconds
        return proto
    }
}

extension ResourceManagerCore.EpochRecord {
    init(_ proto: EpochRecordProto) {
        self.init(
            next: proto.next,
            delegationSequenceNumber: proto.delegationSequenceNumber,
            unknownFields: proto.keptFields
        )
    }

    var proto: EpochRecordProto {
        var proto = EpochRecordProto()
        proto.next = self.next
        proto.delegationSequenceNumber = self.delegationSequenceNumber
        return proto
    }
}
