package import ClusterModel
package import ResourceManagerCore

/// What REST may change; the gateway carries it out.
package protocol ClusterWriting: Sendable {
    typealias Failure = ResourceManagerGateway.Failure

    func newApplication() async throws(Failure) -> (id: ApplicationID, maximumAllocation: ResourceVector)
    func submit(_ submission: ApplicationSubmission, by caller: Caller) async throws(Failure)
    func kill(_ application: ApplicationID, diagnostics: String?, by caller: Caller) async throws(Failure) -> Bool
    func updatePriority(
        of application: ApplicationID,
        to priority: Int32,
        by caller: Caller
    ) async throws(Failure) -> Int32
    func updateLifetime(
        of application: ApplicationID,
        endsAt: Timestamp,
        by caller: Caller
    ) async throws(Failure) -> Timestamp
    func move(_ application: ApplicationID, to queue: String, by caller: Caller) async throws(Failure)
    func signal(
        _ container: ContainerID,
        _ command: SignalContainerCommand,
        by caller: Caller
    ) async throws(Failure)
}

extension ResourceManagerGateway: ClusterWriting {}
