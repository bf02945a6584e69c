import ClusterModel
import HadoopProtos
import ResourceManagerCore
import SwiftProtobuf
import Synchronization

/// The log aggregation context of each application, which container tokens carry to the nodes. It stands in the
/// submission context; reading that for every token would cost more than the signature.
final class LogAggregationWishes: Sendable {
    private let snapshot: ClusterSnapshot
    private let known = Mutex<[ApplicationID: LogAggregationContextProto?]>([:])

    /// Applications remembered at one time; beyond it they are read again.
    private static let countMaximum = 4096

    init(snapshot: ClusterSnapshot) {
        self.snapshot = snapshot
    }

    /// nil for an application that has none.
    func of(_ application: ApplicationID) -> LogAggregationContextProto? {
        if let known = self.known.withLock({ $0[application] }) { return known }
        guard let view = self.snapshot.application(application) else { return nil }
        let context = Self.read(view.context)
        self.known.withLock { known in
            if known.count >= Self.countMaximum {
                known = [:]
            }
            known[application] = .some(context)
        }
        return context
    }

    static func read(_ context: OpaqueBytes) -> LogAggregationContextProto? {
        guard let proto = try? ApplicationSubmissionContextProto(serializedBytes: context.bytes),
            proto.hasLogAggregationContext
        else { return nil }
        return proto.logAggregationContext
    }
}
