import ClusterModel
import HadoopProtos
import ModelConversion
import ResourceManagerCore

extension ResourceManagerCore.AllocateRequest {
    init(validating proto: AllocateRequestProto) throws(ConversionError) {
        var asks: [ResourceRequest] = []
        asks.reserveCapacity(proto.ask.count)
        for ask in proto.ask {
            asks.append(try converting("ask") { () throws(ConversionError) in try ResourceRequest(validating: ask) })
        }
        var releases: [ContainerID] = []
        for id in proto.release {
            releases.append(try converting("release") { () throws(ConversionError) in try ContainerID(validating: id) })
        }
        self.init(
            responseID: proto.responseID,
            progress: proto.progress.isNaN ? 0 : min(max(proto.progress, 0), 1),
            asks: asks,
            releases: releases,
            blacklistAdditions: proto.blacklistRequest.blacklistAdditions,
            blacklistRemovals: proto.blacklistRequest.blacklistRemovals,
            trackingURL: proto.hasTrackingURL ? proto.trackingURL : nil
        )
    }
}
