/// Names that Hadoop has given up, and what it reads in their place.
package enum DeprecatedKeys {
    package static let currentNames: [String: [String]] = [
        "dfs.df.interval": ["fs.df.interval"],
        "dfs.nfs.exports.allowed.hosts": ["nfs.exports.allowed.hosts"],
        "dfs.umaskmode": ["fs.permissions.umask-mode"],
        "fs.default.name": ["fs.defaultFS"],
        "hadoop.configured.node.mapping": ["net.topology.configured.node.mapping"],
        "hadoop.http.rmwebapp.scheduler.page.class": ["yarn.http.rmwebapp.scheduler.page.class"],
        "topology.node.switch.mapping.impl": ["net.topology.node.switch.mapping.impl"],
        "topology.script.file.name": ["net.topology.script.file.name"],
        "topology.script.number.args": ["net.topology.script.number.args"],
        "yarn.client.max-nodemanagers-proxies": ["yarn.client.max-cached-nodemanagers-proxies"],
        "yarn.resourcemanager.display.per-user-apps": ["yarn.webapp.filter-entity-list-by-user"],
        "yarn.resourcemanager.system-metrics-publisher.enabled": ["yarn.system-metrics-publisher.enabled"],
        "yarn.resourcemanager.zk-acl": ["hadoop.zk.acl"],
        "yarn.resourcemanager.zk-address": ["hadoop.zk.address"],
        "yarn.resourcemanager.zk-auth": ["hadoop.zk.auth"],
        "yarn.resourcemanager.zk-num-retries": ["hadoop.zk.num-retries"],
        "yarn.resourcemanager.zk-retry-interval-ms": ["hadoop.zk.retry-interval-ms"],
        "yarn.resourcemanager.zk-timeout-ms": ["hadoop.zk.timeout-ms"],
    ]
}
