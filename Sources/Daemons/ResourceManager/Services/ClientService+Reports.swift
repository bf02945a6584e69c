import ClusterModel
import HadoopProtos
import HadoopRPC
import HadoopWire
import ModelConversion
import ResourceManagerCore
import SwiftProtobuf

/// Reports of applications, attempts and containers.
extension ClientService {
    private var reports: ReportEncoding {
        ReportEncoding(
            proxyAddress: self.proxyAddress.text,
            clusterID: self.clusterID,
            now: self.edge.driver.clock.now,
            clusterTotal: self.edge.snapshot.metrics.total
        )
    }

    func getApplicationReport(_ call: RPCCall, _ responder: RPCResponder) {
        self.read(call, responder, GetApplicationReportRequestProto.self) { request, caller throws(RPCFailure) in
            let view = try self.application(request.applicationID, hasID: request.hasApplicationID)
            var response = GetApplicationReportResponseProto()
            response.applicationReport = self.report(view, for: caller, self.reports)
            return response
        }
    }

    func getApplications(_ call: RPCCall, _ responder: RPCResponder) {
        self.read(call, responder, GetApplicationsRequestProto.self) { request, caller in
            let filter = ReportFilter(request)
            let settings = self.edge.snapshot.settings
            let views = self.edge.snapshot.applications { view in
                guard filter.includes(view), !self.filtersByUser || settings.allows(caller, .view, on: view) else {
                    return false
                }
                switch request.scope {
                case .all: return true
                case .viewable: return settings.allows(caller, .view, on: view)
                case .own: return view.user == caller.user
                }
            }
            let reports = self.reports
            var response = GetApplicationsResponseProto()
            response.applications = filter.limited(views).map { self.report($0, for: caller, reports) }
            return response
        }
    }

    private func report(
        _ view: ApplicationView,
        for caller: Caller,
        _ reports: ReportEncoding
    ) -> ApplicationReportProto {
        let showsAll = self.edge.snapshot.settings.allows(caller, .view, on: view)
        // Only its submitter may run an unmanaged ApplicationMaster.
        var masterToken: HadoopToken?
        if let keyID = view.unmanagedTokenKeyID, let attempt = view.currentAttempt, caller.user == view.user {
            masterToken = try? self.edge.signer.masterToken(for: attempt, keyID: keyID)
        }
        return reports.report(view, showsAll: showsAll, masterToken: masterToken)
    }

    func getApplicationAttemptReport(_ call: RPCCall, _ responder: RPCResponder) {
        self.read(call, responder, GetApplicationAttemptReportRequestProto.self) {
            request,
            caller throws(RPCFailure) in
            let id = try Self.attemptID(request.applicationAttemptID, call)
            let application = try self.viewable(id.application, caller)
            guard let view = self.edge.snapshot.attempt(id) else { throw RPCFailure(.attemptNotFound(id)) }
            var response = GetApplicationAttemptReportResponseProto()
            response.applicationAttemptReport = self.reports.report(view, isUnmanaged: application.isUnmanaged)
            return response
        }
    }

    func getApplicationAttempts(_ call: RPCCall, _ responder: RPCResponder) {
        self.read(call, responder, GetApplicationAttemptsRequestProto.self) { request, caller throws(RPCFailure) in
            let known = try self.application(request.applicationID, hasID: request.hasApplicationID)
            let application = try self.viewable(known.id, caller)
            let reports = self.reports
            var response = GetApplicationAttemptsResponseProto()
            response.applicationAttempts = self.edge.snapshot.attempts(of: application.id).map { view in
                reports.report(view, isUnmanaged: application.isUnmanaged)
            }
            return response
        }
    }

    func getContainerReport(_ call: RPCCall, _ responder: RPCResponder) {
        self.read(call, responder, GetContainerReportRequestProto.self) { request, caller throws(RPCFailure) in
            let id: ContainerID
            do throws(ConversionError) {
                id = try ContainerID(validating: request.containerID)
            } catch {
                throw RPCFailure.malformed(call.method, error)
            }
            _ = try self.viewable(id.application, caller)
            guard let view = self.edge.snapshot.container(id) else { throw RPCFailure(.containerNotFound(id)) }
            var response = GetContainerReportResponseProto()
            response.containerReport = self.reports.report(view)
            return response
        }
    }

    func getContainers(_ call: RPCCall, _ responder: RPCResponder) {
        self.read(call, responder, GetContainersRequestProto.self) { request, caller throws(RPCFailure) in
            let id = try Self.attemptID(request.applicationAttemptID, call)
            _ = try self.viewable(id.application, caller)
            guard self.edge.snapshot.attempt(id) != nil else { throw RPCFailure(.attemptNotFound(id)) }
            let reports = self.reports
            var response = GetContainersResponseProto()
            response.containers = self.edge.snapshot.containers(of: id)
                .filter { $0.state != .complete }
                .map { reports.report($0) }
            return response
        }
    }

    private func application(_ proto: ApplicationIdProto, hasID: Bool) throws(RPCFailure) -> ApplicationView {
        guard hasID, let id = try? ApplicationID(validating: proto) else {
            throw .applicationNotFound("Invalid application id: null")
        }
        guard let view = self.edge.snapshot.application(id) else { throw RPCFailure(.applicationNotFound(id)) }
        return view
    }

    /// The application, if there is one and the caller may view it.
    private func viewable(_ id: ApplicationID, _ caller: Caller) throws(RPCFailure) -> ApplicationView {
        guard let view = self.edge.snapshot.application(id) else { throw RPCFailure(.applicationNotFound(id)) }
        guard self.edge.snapshot.settings.allows(caller, .view, on: view) else {
            throw RPCFailure(.accessDenied(user: caller.user, operation: .view, id))
        }
        return view
    }

    private static func attemptID(
        _ proto: ApplicationAttemptIdProto,
        _ call: RPCCall
    ) throws(RPCFailure) -> ApplicationAttemptID {
        do throws(ConversionError) {
            return try ApplicationAttemptID(validating: proto)
        } catch {
            throw .malformed(call.method, error)
        }
    }
}
