import ClusterModel
import HadoopProtos
import HadoopRPC
import HadoopWire
import ResourceManager
import SwiftProtobuf
import Testing

@Suite struct DelegationTokenTests {
    private func token(
        _ resourceManager: TestResourceManager,
        renewer: String = "yarn"
    ) async throws -> HadoopToken {
        var request = GetDelegationTokenRequestProto()
        request.renewer = renewer
        let response: GetDelegationTokenResponseProto = try await resourceManager.call("getDelegationToken", request)
        return HadoopToken(response.token)
    }

    @Test(arguments: [true, false])
    func `a delegation token names the service by its address, or by name where that is wanted`(
        usesAddress: Bool
    ) async throws {
        let resourceManager = try await TestResourceManager.start(
            properties: [
                ("yarn.resourcemanager.address", "LocalHost:0"),
                ("hadoop.security.token.service.use_ip", "\(usesAddress)"),
            ]
        )
        let token = try await self.token(resourceManager)
        let port = resourceManager.daemon.addresses.client.port
        if usesAddress {
            #expect(["127.0.0.1:\(port)", "[::1]:\(port)"].contains(token.service))
        } else {
            #expect(token.service == "localhost:\(port)")
        }
        try await resourceManager.stop()
    }

    @Test func `a delegation token logs its owner in`() async throws {
        let resourceManager = try await TestResourceManager.start()
        let token = try await self.token(resourceManager)
        #expect(token.kind == TokenKind.rmDelegation)
        #expect(token.service == "127.0.0.1:\(resourceManager.daemon.addresses.client.port)")
        let target = resourceManager.target(.client, .token(user: "alice", token))
        let response = try await resourceManager.client.call(
            "getNewApplication",
            GetNewApplicationRequestProto(),
            returning: GetNewApplicationResponseProto.self,
            on: target
        )
        var request = SubmitApplicationRequestProto()
        let id = ApplicationID(
            clusterTimestamp: response.applicationID.clusterTimestamp,
            number: response.applicationID.id
        )
        request.applicationSubmissionContext = TestResourceManager.context(id)
        _ = try await resourceManager.client.call(
            "submitApplication",
            request,
            returning: SubmitApplicationResponseProto.self,
            on: target
        )
        #expect(try await resourceManager.report(id).user == "alice")
        try await resourceManager.stop()
    }

    @Test func `a token with another password does not`() async throws {
        let resourceManager = try await TestResourceManager.start()
        var token = try await self.token(resourceManager)
        token.password[0] ^= 1
        let target = resourceManager.target(.client, .token(user: "alice", token))
        let failure = await failure {
            _ = try await resourceManager.client.call("getNewApplication", bytes: [], on: target)
        }
        #expect(failure?.exceptionClass == "org.apache.hadoop.security.token.SecretManager$InvalidToken")
        try await resourceManager.stop()
    }

    @Test func `who knows no password neither renews nor cancels a token`() async throws {
        let resourceManager = try await TestResourceManager.start()
        var token = try await self.token(resourceManager)
        token.password[0] ^= 1
        var renew = RenewDelegationTokenRequestProto()
        renew.token = token.proto
        var cancel = CancelDelegationTokenRequestProto()
        cancel.token = token.proto
        for failure in [
            await failure {
                let _: RenewDelegationTokenResponseProto = try await resourceManager.call(
                    "renewDelegationToken",
                    renew,
                    as: "yarn"
                )
            },
            await failure {
                let _: CancelDelegationTokenResponseProto = try await resourceManager.call(
                    "cancelDelegationToken",
                    cancel
                )
            },
        ] {
            #expect(failure?.exceptionClass == "org.apache.hadoop.security.token.SecretManager$InvalidToken")
        }
        try await resourceManager.stop()
    }

    @Test func `a cancelled token is refused, and only its renewer may renew it`() async throws {
        let resourceManager = try await TestResourceManager.start()
        let token = try await self.token(resourceManager)
        var renew = RenewDelegationTokenRequestProto()
        renew.token = token.proto
        let refused = await failure {
            let _: RenewDelegationTokenResponseProto = try await resourceManager.call(
                "renewDelegationToken",
                renew,
                as: "mallory"
            )
        }
        #expect(refused?.exceptionClass == "org.apache.hadoop.security.AccessControlException")
        let renewed: RenewDelegationTokenResponseProto = try await resourceManager.call(
            "renewDelegationToken",
            renew,
            as: "yarn"
        )
        #expect(renewed.newExpiryTime > 0)
        var cancel = CancelDelegationTokenRequestProto()
        cancel.token = token.proto
        let _: CancelDelegationTokenResponseProto = try await resourceManager.call("cancelDelegationToken", cancel)
        let target = resourceManager.target(.client, .token(user: "alice", token))
        let failure = await failure {
            _ = try await resourceManager.client.call("getNewApplication", bytes: [], on: target)
        }
        #expect(failure?.exceptionClass == "org.apache.hadoop.security.token.SecretManager$InvalidToken")
        try await resourceManager.stop()
    }
}
