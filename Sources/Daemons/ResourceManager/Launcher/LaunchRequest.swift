import ClusterModel
import Foundation
import HadoopProtos
import HadoopWire
import ResourceManagerCore
import SwiftProtobuf

/// The launch context of an ApplicationMaster's container: the client's own, with what the ResourceManager adds. Fields
/// that this build does not know go through unchanged.
enum LaunchRequest {
    struct Unusable: Error, CustomStringConvertible {
        var description: String
    }

    /// - Parameters:
    ///   - masterToken: goes into the credentials, so that the ApplicationMaster can register.
    ///   - containerToken: lets the ResourceManager start the container.
    /// - Throws: `Unusable` when the client's context or credentials cannot be read.
    static func request(
        for launch: ResourceManagerCore.MasterLaunch,
        masterToken: HadoopToken,
        containerToken: HadoopToken
    ) throws(Unusable) -> StartContainersRequestProto {
        let submission: ApplicationSubmissionContextProto
        do {
            submission = try ApplicationSubmissionContextProto(serializedBytes: launch.context.bytes)
        } catch {
            throw Unusable(description: "The submission context of \(launch.attempt) cannot be read: \(error)")
        }
        var context = submission.amContainerSpec
        context.tokens = Data(try self.credentials(context, adding: masterToken).bytes)
        self.set("APPLICATION_WEB_PROXY_BASE", "/proxy/\(launch.attempt.application)", in: &context)
        self.set("APP_SUBMIT_TIME_ENV", "\(launch.submittedAt.milliseconds)", in: &context)
        var start = StartContainerRequestProto()
        start.containerLaunchContext = context
        start.containerToken = containerToken.proto
        var request = StartContainersRequestProto()
        request.startContainerRequest = [start]
        return request
    }

    /// The client's credentials with the token under its service as alias.
    private static func credentials(
        _ context: ContainerLaunchContextProto,
        adding token: HadoopToken
    ) throws(Unusable) -> Credentials {
        var credentials = Credentials()
        if !context.tokens.isEmpty {
            do {
                credentials = try Credentials(bytes: [UInt8](context.tokens))
            } catch {
                throw Unusable(description: "The credentials of the launch context cannot be read: \(error)")
            }
        }
        // A token of an earlier attempt, or one that a client made up, would be picked first.
        credentials.tokens.removeAll { $0.token.kind == TokenKind.amrm }
        credentials.set(token, alias: token.service)
        return credentials
    }

    private static func set(_ name: String, _ value: String, in context: inout ContainerLaunchContextProto) {
        context.environment.removeAll { $0.key == name }
        var entry = StringStringMapProto()
        entry.key = name
        entry.value = value
        context.environment.append(entry)
    }
}
