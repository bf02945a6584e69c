package import ClusterModel
internal import EngineLink
package import HadoopProtos
internal import HadoopRPC
package import HadoopWire
package import Logging
internal import ModelConversion

/// An ApplicationMaster's conversation with the ResourceManager (port 8030). One caller at a time.
package struct SchedulerLink: Sendable {
    package static let protocolName = "org.apache.hadoop.yarn.api.ApplicationMasterProtocolPB"
    private static let priority: Int32 = 1

    private let rpc: RPCClient
    private var target: RPCTarget
    private let capability: ResourceVector
    private let host: String
    private var trackingURL = ""
    private var responseID: Int32 = 0
    private var asked: Int?

    /// - Parameters:
    ///   - token: the AMRMToken.
    ///   - host: of this ApplicationMaster.
    ///   - capability: of each container.
    package init(
        host: String,
        scheduler: (host: String, port: Int),
        token: HadoopToken,
        capability: ResourceVector,
        logger: Logger
    ) {
        self.host = host
        self.capability = capability
        self.rpc = RPCClient(group: EngineThreads.loops, logger: logger)
        self.target = RPCTarget(
            host: scheduler.host,
            port: scheduler.port,
            protocolName: Self.protocolName,
            identity: .token(user: "", token)
        )
    }

    /// - Parameter trackingURL: where the application's pages are; empty where it has none.
    package mutating func register(trackingURL: String) async throws {
        var request = RegisterApplicationMasterRequestProto()
        request.host = self.host
        request.rpcPort = -1
        request.trackingURL = trackingURL
        self.trackingURL = trackingURL
        _ = try await self.rpc.call(
            "registerApplicationMaster",
            request,
            returning: RegisterApplicationMasterResponseProto.self,
            on: self.target
        )
        self.responseID = 0
        self.asked = nil
    }

    /// The ResourceManager knows this attempt no longer: the application has ended, or another attempt has begun.
    package struct AttemptEnded: Error, CustomStringConvertible {
        package var description: String
    }

    /// Asks, gives back, and hears what happened. A ResourceManager that was restarted is told everything anew.
    /// - Throws: `AttemptEnded`, and what the connection throws.
    package mutating func allocate(missing: Int, release: [ContainerID]) async throws -> AllocateResponseProto {
        do {
            return try await self.exchange(missing, release)
        } catch let failure as RPCFailure
            where failure.exceptionClass.hasSuffix("ApplicationAttemptNotFoundException")
        {
            throw AttemptEnded(description: failure.message)
        } catch let failure as RPCFailure
            where failure.exceptionClass.hasSuffix("ApplicationMasterNotRegisteredException")
        {
            try await self.register(trackingURL: self.trackingURL)
            return try await self.exchange(missing, release)
        }
    }

    private mutating func exchange(_ missing: Int, _ release: [ContainerID]) async throws -> AllocateResponseProto {
        var request = AllocateRequestProto()
        request.responseID = self.responseID
        request.progress = 0.1
        request.release = release.map(\.proto)
        if missing != self.asked {
            request.ask = [
                ResourceRequest(
                    priority: Self.priority,
                    location: .any,
                    capability: self.capability,
                    containerCount: Int32(clamping: missing)
                ).proto
            ]
        }
        let answer = try await self.rpc.call(
            "allocate",
            request,
            returning: AllocateResponseProto.self,
            on: self.target
        )
        self.responseID = answer.responseID
        // The ResourceManager's key changes from time to time; the next connection needs a token by the new one.
        if answer.hasAmRmToken { self.target.identity = .token(user: "", HadoopToken(answer.amRmToken)) }
        // What was granted is no longer asked for.
        self.asked = missing - answer.allocatedContainers.count
        return answer
    }

    /// Ends the application; done when the ResourceManager has stored its end.
    /// - Parameter trackingURL: where its pages are from now on; empty where nowhere.
    package func finish(
        _ status: FinalApplicationStatus,
        diagnostics: String,
        trackingURL: String
    ) async throws {
        var request = FinishApplicationMasterRequestProto()
        request.finalApplicationStatus = status.proto
        request.diagnostics = diagnostics
        request.trackingURL = trackingURL
        while true {
            let answer = try await self.rpc.call(
                "finishApplicationMaster",
                request,
                returning: FinishApplicationMasterResponseProto.self,
                on: self.target
            )
            if answer.isUnregistered { return }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    package func close() async { try? await self.rpc.shutdown() }
}
