/// Java names of the protocols that a ResourceManager serves, as connection contexts and request headers carry them.
package enum ProtocolName {
    package static let applicationClient = "org.apache.hadoop.yarn.api.ApplicationClientProtocolPB"
    package static let applicationMaster = "org.apache.hadoop.yarn.api.ApplicationMasterProtocolPB"
    package static let resourceTracker = "org.apache.hadoop.yarn.server.api.ResourceTrackerPB"
    package static let administration =
        "org.apache.hadoop.yarn.server.api.ResourceManagerAdministrationProtocolPB"
    package static let highAvailability = "org.apache.hadoop.ha.HAServiceProtocol"
    package static let containerManagement = "org.apache.hadoop.yarn.api.ContainerManagementProtocolPB"
}
