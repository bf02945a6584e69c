import ClusterModel
package import HadoopHTTP

extension WebSettings {
    /// What a web port is opened with.
    /// - Parameter crossOriginEnabled: the daemon's own switch, as `yarn.resourcemanager.webapp.cross-origin.enabled`.
    package func policy(crossOriginEnabled: Bool) -> WebPolicy {
        WebPolicy(
            staticUser: self.staticUser,
            allowsAnonymous: self.allowsAnonymous,
            remembersNames: self.access.isEnabled,
            crossOrigin: crossOriginEnabled ? self.crossOrigin : nil
        )
    }
}
