/// One row of an ApplicationMaster's demand (ResourceRequestProto): so many containers of this size at this place.
///
/// Rows are absolute: a row replaces the earlier one of the same priority, place, size and allocation request id.
package struct ResourceRequest: Hashable, Sendable {
    /// Within an application a lower number is served first.
    package var priority: Int32
    package var location: Location
    package var capability: ResourceVector
    /// Containers wanted now, in all.
    package var containerCount: Int32
    /// False pins the demand to the places named (`relax_locality`).
    package var relaxLocality: Bool
    /// Node label expression; empty means the queue's default.
    package var nodeLabelExpression: String
    package var executionType: ExecutionType
    /// -1 when the application does not use ids (`allocation_request_id`).
    package var allocationRequestID: Int64

    package init(
        priority: Int32,
        location: Location,
        capability: ResourceVector,
        containerCount: Int32,
        relaxLocality: Bool = true,
        nodeLabelExpression: String = "",
        executionType: ExecutionType = .guaranteed,
        allocationRequestID: Int64 = -1
    ) {
        self.priority = priority
        self.location = location
        self.capability = capability
        self.containerCount = containerCount
        self.relaxLocality = relaxLocality
        self.nodeLabelExpression = nodeLabelExpression
        self.executionType = executionType
        self.allocationRequestID = allocationRequestID
    }

    /// Where a container is wanted (`resource_name`): anywhere, or a host or rack by name. Host and rack names share one
    /// field on the wire; racks begin with `/`.
    package enum Location: Hashable, Sendable {
        case any
        case rack(String)
        case host(String)

        package init(resourceName: String) {
            switch resourceName {
            case "*": self = .any
            case let name where name.hasPrefix("/"): self = .rack(name)
            default: self = .host(resourceName)
            }
        }

        package var resourceName: String {
            switch self {
            case .any: "*"
            case .rack(let name), .host(let name): name
            }
        }
    }
}

/// The rack of a node for which no topology is configured.
package let defaultRack = "/default-rack"
