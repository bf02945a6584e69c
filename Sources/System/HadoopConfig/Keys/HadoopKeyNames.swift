/// The names of Hadoop 3.4's properties, to tell a key that Hadoop's programs read from a slip of the pen.
package enum HadoopKeyNames {
    /// Those of yarn-default.xml.
    package static let yarn: Set<String> = Self.names([
        "security.": """
        applicationhistory.protocol.acl
        """,
        "yarn.": """
        acl.enable acl.reservation-enable admin.acl am.liveness-monitor.expiry-interval-ms
        app.attempt.diagnostics.limit.kc application.classpath apps.cache.enable apps.cache.expire
        apps.cache.size authorization-provider cluster.max-application-priority fail-fast
        fs-store.file.replication intermediate-data-encryption.enable is.minicluster
        log-aggregation-enable log-aggregation-status.time-out.ms log.server.url
        log.server.web-service.url nm.liveness-monitor.expiry-interval-ms
        node-attribute.fs-store.impl.class node-attribute.fs-store.root-dir registry.class
        resource-types rm.system-metrics-publisher.emit-container-events
        system-metrics-publisher.enabled tracking.url.generator workflow-id.tag-prefix
        """,
        "yarn.client.": """
        application-client-protocol.poll-interval-ms application-client-protocol.poll-timeout-ms
        failover-max-attempts failover-no-ha-proxy-provider failover-proxy-provider failover-retries
        failover-retries-on-socket-timeouts failover-sleep-base-ms failover-sleep-max-ms
        load.resource-types.from-server max-cached-nodemanagers-proxies
        nodemanager-client-async.thread-pool-max-size nodemanager-connect.max-wait-ms
        nodemanager-connect.retry-interval-ms
        """,
        "yarn.dispatcher.": """
        cpu-monitor.samples-per-min drain-events.timeout print-events-info.threshold
        print-thread-pool.core-pool-size print-thread-pool.keep-alive-time
        print-thread-pool.maximum-pool-size
        """,
        "yarn.federation.": """
        amrmproxy.allocation.history.max.entry amrmproxy.register.uam.interval
        amrmproxy.register.uam.retry-count cache-entity.nums cache-ttl.secs cache.class enabled
        failover.random.order gpg.application.cleaner.class gpg.application.cleaner.contact.router.spec
        gpg.application.cleaner.interval-ms gpg.kerberos.principal gpg.kerberos.principal.hostname
        gpg.keytab.file gpg.policy.generator.blacklist gpg.policy.generator.class
        gpg.policy.generator.interval gpg.policy.generator.interval-ms
        gpg.policy.generator.load-based.edit.maximum gpg.policy.generator.load-based.pending.maximum
        gpg.policy.generator.load-based.pending.minimum gpg.policy.generator.load-based.scaling
        gpg.policy.generator.load-based.weight.minimum gpg.policy.generator.readonly
        gpg.scheduled.executor.threads gpg.subcluster.cleaner.interval-ms
        gpg.subcluster.heartbeat.expiration-ms gpg.webapp.address gpg.webapp.connect-timeout
        gpg.webapp.cross-origin.enabled gpg.webapp.https.address gpg.webapp.read-timeout machine-list
        non-ha.enabled registry.base-dir state-store.class state-store.clean-up-retry-count
        state-store.clean-up-retry-sleep-time state-store.heartbeat.initial-delay
        state-store.max-applications state-store.sql.conn-time-out state-store.sql.idle-time-out
        state-store.sql.max-life-time state-store.sql.minimum-idle state-store.sql.pool-name
        subcluster-resolver.class
        """,
        "yarn.http.": """
        policy rmwebapp.custom.dao.classes rmwebapp.custom.unwrapped.dao.classes
        rmwebapp.external.classes rmwebapp.scheduler.page.class
        """,
        "yarn.ipc.": """
        client.factory.class record.factory.class rpc.class server.factory.class
        """,
        "yarn.log-aggregation.": """
        debug.filesize enable-local-cleanup file-controller.TFile.class file-formats
        retain-check-interval-seconds retain-seconds
        """,
        "yarn.minicluster.": """
        control-resource-monitoring fixed.ports use-rpc yarn.nodemanager.resource.memory-mb
        """,
        "yarn.node-labels.": """
        configuration-type enabled exclusive-enforced-partitions fs-store.impl.class fs-store.root-dir
        """,
        "yarn.nodemanager.": """
        address admin-env amrmproxy.address amrmproxy.client.thread-count amrmproxy.enabled
        amrmproxy.ha.enable amrmproxy.interceptor-class.pipeline amrmproxy.wait.uam-register.done
        aux-services aux-services.manifest aux-services.manifest.enabled
        aux-services.manifest.reload-ms aux-services.mapreduce_shuffle.class bind-host
        collector-service.address collector-service.thread-count container-diagnostics-maximum-size
        container-executor.class container-executor.exit-code-file.timeout-ms
        container-executor.os.sched.priority.adjustment container-localizer.admin.java.opts
        container-localizer.java.opts container-localizer.java.opts.add-exports-as-default
        container-localizer.log.level container-log-monitor.dir-size-limit-bytes
        container-log-monitor.enable container-log-monitor.interval-ms
        container-log-monitor.total-size-limit-bytes container-manager.thread-count
        container-metrics.enable container-metrics.period-ms container-metrics.unregister-delay-ms
        container-monitor.enabled container-monitor.interval-ms container-monitor.process-tree.class
        container-monitor.procfs-tree.smaps-based-rss.enabled
        container-monitor.resource-calculator.class container-retry-minimum-interval-ms
        container-state-transition-listener.classes container.stderr.pattern
        container.stderr.tail.bytes containers-launcher.class csi-driver-adaptor.addresses
        csi-driver.names default-container-executor.log-dirs.permissions delete.debug-delay-sec
        delete.thread-count disk-health-checker.disk-free-space-threshold.enabled
        disk-health-checker.disk-utilization-threshold.enabled
        disk-health-checker.disk-utilization-watermark-low-per-disk-percentage
        disk-health-checker.enable disk-health-checker.interval-ms
        disk-health-checker.max-disk-utilization-per-disk-percentage
        disk-health-checker.min-free-space-per-disk-mb
        disk-health-checker.min-free-space-per-disk-watermark-high-mb
        disk-health-checker.min-healthy-disks disk-validator dispatcher.metric.enable
        distributed-scheduling.enabled elastic-memory-control.enabled
        elastic-memory-control.oom-handler elastic-memory-control.oom-listener.path
        elastic-memory-control.timeout-sec emit-container-events env-whitelist force.path
        health-checker.interval-ms health-checker.run-before-startup health-checker.scripts
        health-checker.timeout-ms hostname keytab least-load-policy-selector.blacklist-subclusters
        least-load-policy-selector.enabled least-load-policy-selector.fail-on-error
        least-load-policy-selector.multiplier least-load-policy-selector.pending-container.threshold
        least-load-policy-selector.use-active-core linux-container-executor.cgroups.delete-delay-ms
        linux-container-executor.cgroups.delete-timeout-ms linux-container-executor.cgroups.hierarchy
        linux-container-executor.cgroups.mount linux-container-executor.cgroups.mount-path
        linux-container-executor.cgroups.strict-resource-usage
        linux-container-executor.nonsecure-mode.limit-users
        linux-container-executor.nonsecure-mode.local-user
        linux-container-executor.nonsecure-mode.user-pattern linux-container-executor.path
        linux-container-executor.resources-handler.class local-cache.max-files-per-directory local-dirs
        localizer.address localizer.cache.cleanup.interval-ms localizer.cache.target-size-mb
        localizer.client.thread-count localizer.fetch.thread-count log-aggregation.compression-type
        log-aggregation.num-log-files-per-app log-aggregation.policy.class
        log-aggregation.policy.parameters log-aggregation.roll-monitoring-interval-seconds
        log-aggregation.roll-monitoring-interval-seconds.min log-container-debug-info-on-error.enabled
        log-container-debug-info.enabled log-dirs log.delete.threshold log.deletion-threads-count
        log.retain-seconds log.trigger.delete.by-size.enabled logaggregation.threadpool-size-max
        node-attributes.provider node-attributes.provider.configured-node-attributes
        node-attributes.provider.fetch-interval-ms node-attributes.provider.fetch-timeout-ms
        node-attributes.provider.script.opts node-attributes.provider.script.path
        node-attributes.resync-interval-ms node-labels.provider
        node-labels.provider.configured-node-partition node-labels.provider.fetch-interval-ms
        node-labels.provider.fetch-timeout-ms node-labels.provider.script.opts
        node-labels.provider.script.path node-labels.resync-interval-ms numa-awareness.enabled
        numa-awareness.node-ids numa-awareness.numactl.cmd numa-awareness.read-topology
        opportunistic-containers-max-queue-length opportunistic-containers-queue-policy
        opportunistic-containers-use-pause-for-preemption pluggable-device-framework.device-classes
        pluggable-device-framework.enabled pmem-check-enabled principal process-kill-wait.ms
        recovery.compaction-interval-secs recovery.dir recovery.enabled recovery.supervised
        remote-app-log-dir remote-app-log-dir-include-older remote-app-log-dir-suffix
        remote-app-log-dir.groupname resource-calculator.class resource-monitor.interval-ms
        resource-plugins resource-plugins.fail-fast resource-plugins.fpga.allowed-fpga-devices
        resource-plugins.fpga.available-devices resource-plugins.fpga.device-discovery-script
        resource-plugins.fpga.path-to-discovery-executables resource-plugins.fpga.vendor-plugin.class
        resource-plugins.gpu.allowed-gpu-devices resource-plugins.gpu.docker-plugin
        resource-plugins.gpu.docker-plugin.nvidia-docker-v1.endpoint
        resource-plugins.gpu.path-to-discovery-executables resource.count-logical-processors-as-cores
        resource.cpu-vcores resource.detect-hardware-capabilities resource.memory-mb
        resource.memory.cgroups.soft-limit-percentage resource.memory.cgroups.swappiness
        resource.memory.enabled resource.memory.enforced resource.pcores-vcores-multiplier
        resource.percentage-physical-cpu-limit resource.system-reserved-memory-mb
        resourcemanager.connect.max-wait.ms resourcemanager.connect.retry-interval.ms
        resourcemanager.minimum.version runtime.linux.allowed-runtimes
        runtime.linux.docker.allowed-container-networks runtime.linux.docker.allowed-container-runtimes
        runtime.linux.docker.capabilities runtime.linux.docker.default-container-network
        runtime.linux.docker.default-ro-mounts runtime.linux.docker.default-rw-mounts
        runtime.linux.docker.default-tmpfs-mounts runtime.linux.docker.delayed-removal.allowed
        runtime.linux.docker.enable-userremapping.allowed
        runtime.linux.docker.host-pid-namespace.allowed runtime.linux.docker.image-name
        runtime.linux.docker.image-update runtime.linux.docker.privileged-containers.acl
        runtime.linux.docker.privileged-containers.allowed runtime.linux.docker.stop.grace-period
        runtime.linux.docker.userremapping-gid-threshold
        runtime.linux.docker.userremapping-uid-threshold runtime.linux.runc.allowed-container-networks
        runtime.linux.runc.allowed-container-runtimes runtime.linux.runc.default-ro-mounts
        runtime.linux.runc.default-rw-mounts
        runtime.linux.runc.hdfs-manifest-to-resources-plugin.stat-cache-size
        runtime.linux.runc.hdfs-manifest-to-resources-plugin.stat-cache-timeout-interval-secs
        runtime.linux.runc.host-pid-namespace.allowed runtime.linux.runc.image-name
        runtime.linux.runc.image-tag-to-manifest-plugin
        runtime.linux.runc.image-tag-to-manifest-plugin.cache-refresh-interval-secs
        runtime.linux.runc.image-tag-to-manifest-plugin.hdfs-hash-file
        runtime.linux.runc.image-tag-to-manifest-plugin.local-hash-file
        runtime.linux.runc.image-tag-to-manifest-plugin.num-manifests-to-cache
        runtime.linux.runc.image-toplevel-dir runtime.linux.runc.layer-mounts-interval-secs
        runtime.linux.runc.layer-mounts-to-keep runtime.linux.runc.manifest-to-resources-plugin
        runtime.linux.runc.privileged-containers.acl runtime.linux.runc.privileged-containers.allowed
        runtime.linux.runc.seccomp-profile runtime.linux.sandbox-mode
        runtime.linux.sandbox-mode.local-dirs.permissions runtime.linux.sandbox-mode.policy
        runtime.linux.sandbox-mode.whitelist-group runtime.linux.type sleep-delay-before-sigkill.ms
        vmem-check-enabled vmem-pmem-ratio webapp.address webapp.cross-origin.enabled
        webapp.https.address webapp.rest-csrf.custom-header webapp.rest-csrf.enabled
        webapp.rest-csrf.methods-to-ignore webapp.spnego-keytab-file webapp.spnego-principal
        webapp.xfs-filter.xframe-options windows-container.cpu-limit.enabled
        windows-container.memory-limit.enabled windows-secure-container-executor.group
        """,
        "yarn.resourcemanager.": """
        activities-manager.app-activities.max-queue-length activities-manager.app-activities.ttl-ms
        activities-manager.cleanup-interval-ms activities-manager.scheduler-activities.ttl-ms address
        admin.address admin.client.thread-count am-rm-tokens.master-key-rolling-interval-secs
        am.global.max-attempts am.max-attempts amlauncher.thread-count application-https.policy
        application-master-service.processors application-tag-based-placement.enable
        application-tag-based-placement.force-lowercase
        application-tag-based-placement.username.whitelist application-timeouts.monitor.interval-ms
        application.max-tag.length application.max-tags auto-update.containers bind-host
        client.thread-count cluster-id configuration.file-system-based-store
        configuration.provider-class connect.max-wait.ms connect.retry-interval.ms
        container-tokens.master-key-rolling-interval-secs container.liveness-monitor.interval-ms
        decommissioning-nodes-watcher.poll-interval-secs delayed.delegation-token.removal-interval-ms
        delegation-token-renewer.thread-count delegation-token-renewer.thread-retry-interval
        delegation-token-renewer.thread-retry-max-attempts delegation-token-renewer.thread-timeout
        delegation-token.always-cancel delegation-token.max-conf-size-bytes
        delegation.key.update-interval delegation.token.max-lifetime
        delegation.token.remove-scan-interval delegation.token.renew-interval
        enable-node-untracked-without-include-path epoch.range fail-fast fs.state-store.num-retries
        fs.state-store.retry-interval-ms fs.state-store.uri ha.automatic-failover.embedded
        ha.automatic-failover.enabled ha.automatic-failover.zk-base-path ha.enabled
        ha.failover-controller.active-standby-elector.zk.retries ha.id ha.rm-ids
        history-writer.multi-threaded-dispatcher.pool-size hostname keytab
        leveldb-state-store.compaction-interval-secs leveldb-state-store.path
        max-completed-applications max-log-aggregation-diagnostics-in-memory metrics.runtime.buckets
        nm-container-queuing.load-comparator nm-container-queuing.max-queue-length
        nm-container-queuing.max-queue-wait-time-ms nm-container-queuing.min-queue-length
        nm-container-queuing.min-queue-wait-time-ms nm-container-queuing.queue-limit-stdev
        nm-container-queuing.sorting-nodes-interval-ms nm-tokens.master-key-rolling-interval-secs
        node-ip-cache.expiry-interval-secs node-labels.am.allow-non-exclusive-allocation
        node-labels.am.default-node-label-expression node-labels.provider
        node-labels.provider.fetch-interval-ms
        node-labels.provider.update-newly-registered-nodes-interval-ms
        node-removal-untracked.node-selective-states-to-remove node-removal-untracked.timeout-ms
        nodemanager-connect-retries nodemanager-graceful-decommission-timeout-secs
        nodemanager.minimum.version nodemanagers.heartbeat-interval-max-ms
        nodemanagers.heartbeat-interval-min-ms nodemanagers.heartbeat-interval-ms
        nodemanagers.heartbeat-interval-scaling-enable nodemanagers.heartbeat-interval-slowdown-factor
        nodemanagers.heartbeat-interval-speedup-factor nodes.exclude-path nodes.include-path
        nodestore-rootdir.num-retries nodestore-rootdir.retry-interval-ms
        opportunistic-container-allocation.enabled opportunistic-container-allocation.nodes-used
        opportunistic.max.container-allocation.per.am.heartbeat placement-constraints.algorithm.class
        placement-constraints.algorithm.iterator placement-constraints.algorithm.pool-size
        placement-constraints.handler placement-constraints.retry-attempts
        placement-constraints.scheduler.pool-size principal proxy-user-privileges.enabled
        proxy.connection.timeout proxy.timeout.enabled recovery.enabled reservation-system.class
        reservation-system.enable reservation-system.plan.follower
        reservation-system.planfollower.time-step resource-profiles.enabled
        resource-profiles.source-file resource-tracker.address resource-tracker.client.thread-count
        resource-tracker.nm.ip-hostname-check rm.container-allocation.expiry-interval-ms
        scheduler.address scheduler.class scheduler.client.thread-count scheduler.monitor.enable
        scheduler.monitor.policies state-store.max-completed-applications store.class
        submission-preprocessor.enabled submission-preprocessor.file-path
        submission-preprocessor.file-refresh-interval-ms system-metrics-publisher.dispatcher.pool-size
        system-metrics-publisher.enabled system-metrics-publisher.timeline-server-v1.batch-size
        system-metrics-publisher.timeline-server-v1.enable-batch
        system-metrics-publisher.timeline-server-v1.interval-seconds webapp.address
        webapp.cross-origin.enabled webapp.delegation-token-auth-filter.enabled webapp.https.address
        webapp.rest-csrf.custom-header webapp.rest-csrf.enabled webapp.rest-csrf.methods-to-ignore
        webapp.spnego-keytab-file webapp.spnego-principal webapp.ui-actions.enabled
        webapp.xfs-filter.xframe-options work-preserving-recovery.enabled
        work-preserving-recovery.scheduling-wait-ms zk-appid-node.split-index zk-client-ssl.enabled
        zk-delegation-token-node.split-index zk-max-znode-size.bytes zk-state-store.parent-path
        zk-state-store.root-node.acl
        """,
        "yarn.router.": """
        asc-interceptor-max-size bind-host clientrm.interceptor-class.pipeline
        deregister.subcluster.enabled interceptor.allow-partial-result.enable
        interceptor.user-thread-pool.allow-core-thread-time-out
        interceptor.user-thread-pool.keep-alive-time interceptor.user-thread-pool.maximum-pool-size
        interceptor.user-thread-pool.minimum-pool-size interceptor.user.threadpool-size
        kerberos.principal kerberos.principal.hostname keytab.file pipeline.cache-max-size
        rmadmin.interceptor-class.pipeline scheduled.executor.threads subcluster.cleaner.interval.time
        subcluster.heartbeat.expiration.time submit.interval.time webapp.address
        webapp.appsinfo-cached-count webapp.appsinfo-enabled webapp.cross-origin.enabled
        webapp.https.address webapp.interceptor-class.pipeline webapp.proxy.enable
        """,
        "yarn.scheduler.": """
        app-placement-allocator.class configuration.fs.path
        configuration.leveldb-store.compaction-interval-secs configuration.leveldb-store.path
        configuration.max.version configuration.mutation.acl-policy.class configuration.store.class
        configuration.store.max-logs configuration.zk-store.parent-path include-port-in-node-name
        maximum-allocation-mb maximum-allocation-vcores minimum-allocation-mb minimum-allocation-vcores
        queue-placement-rules skip.node.multiplier
        """,
        "yarn.sharedcache.": """
        admin.address admin.thread-count app-checker.class checksum.algo.impl
        cleaner.initial-delay-mins cleaner.period-mins cleaner.resource-sleep-ms client-server.address
        client-server.thread-count enabled nested-level nm.uploader.replication.factor
        nm.uploader.thread-count root-dir store.class store.in-memory.check-period-mins
        store.in-memory.initial-delay-mins store.in-memory.staleness-period-mins
        uploader.server.address uploader.server.thread-count webapp.address
        """,
        "yarn.timeline-service.": """
        address app-aggregation-interval-secs app-collector.linger-period.ms bind-host
        client.best-effort client.drain-entities.timeout.ms client.fd-clean-interval-secs
        client.fd-flush-interval-secs client.fd-retain-secs client.internal-timers-ttl-secs
        client.max-retries client.retry-interval-ms enabled entity-group-fs-store.active-dir
        entity-group-fs-store.app-cache-size entity-group-fs-store.cache-store-class
        entity-group-fs-store.cleaner-interval-seconds entity-group-fs-store.done-dir
        entity-group-fs-store.group-id-plugin-classes entity-group-fs-store.group-id-plugin-classpath
        entity-group-fs-store.leveldb-cache-read-cache-size entity-group-fs-store.retain-seconds
        entity-group-fs-store.scan-interval-seconds entity-group-fs-store.summary-store
        entity-group-fs-store.with-user-dir flowname.max-size
        generic-application-history.max-applications handler-thread-count hbase-schema.prefix
        hbase.configuration.file hbase.coprocessor.app-final-value-retention-milliseconds
        hbase.coprocessor.jar.hdfs.location hostname http-authentication.simple.anonymous.allowed
        http-authentication.type http-cross-origin.enabled keytab leveldb-state-store.path
        leveldb-timeline-store.path leveldb-timeline-store.read-cache-size
        leveldb-timeline-store.start-time-read-cache-size
        leveldb-timeline-store.start-time-write-cache-size leveldb-timeline-store.ttl-interval-ms
        principal reader.bind-host reader.class reader.webapp.address reader.webapp.https.address
        recovery.enabled state-store-class store-class
        timeline-client.number-of-async-entities-to-merge ttl-enable ttl-ms ui-names version
        webapp.address webapp.https.address webapp.rest-csrf.custom-header webapp.rest-csrf.enabled
        webapp.rest-csrf.methods-to-ignore webapp.xfs-filter.xframe-options writer.async.queue.capacity
        writer.class writer.flush-interval-seconds
        """,
        "yarn.web-proxy.": """
        address bind-host keytab principal
        """,
        "yarn.webapp.": """
        api-service.enable custom.webservice.class enable-rest-app-submissions
        filter-entity-list-by-user filter-invalid-xml-chars ui1.tools.enable ui2.enable
        ui2.war-file-path xfs-filter.enabled
        """,
    ])

    /// Those of core-default.xml.
    package static let core: Set<String> = Self.names([
        "adl.": """
        feature.ownerandgroup.enableupn http.timeout ssl.channel.mode
        """,
        "dfs.": """
        client.ignore.namenode.default.kms.uri ha.fencing.methods ha.fencing.ssh.connect-timeout
        ha.fencing.ssh.private-key-files
        """,
        "file.": """
        blocksize bytes-per-checksum client-write-packet-size replication stream-buffer-size
        """,
        "fs.": """
        abfs.impl abfss.impl automatic.close client.htrace.sampler.classes
        client.resolve.remote.symlinks client.resolve.topology.enabled creation.parallel.count
        default.name defaultFS df.interval du.interval file.impl getspaceused.classname
        getspaceused.jitterMillis har.impl.disable.cache iostatistics.logging.level
        iostatistics.thread.level.enabled permissions.umask-mode protected.directories
        trash.checkpoint.interval trash.clean.trashroot.enable trash.interval wasb.impl wasbs.impl
        """,
        "fs.AbstractFileSystem.": """
        abfs.impl abfss.impl adl.impl file.impl ftp.impl gs.impl har.impl hdfs.impl o3fs.impl ofs.impl
        s3a.impl swebhdfs.impl viewfs.impl wasb.impl wasbs.impl webhdfs.impl
        """,
        "fs.adl.": """
        impl oauth2.access.token.provider oauth2.access.token.provider.type oauth2.client.id
        oauth2.credential oauth2.devicecode.clientapp.id oauth2.msi.port oauth2.refresh.token
        oauth2.refresh.url
        """,
        "fs.azure.": """
        authorization authorization.caching.enable buffer.dir enable.readahead local.sas.key.mode
        sas.expiry.period saskey.usecontainersaskeyforallaccess secure.mode user.agent.prefix
        """,
        "fs.ftp.": """
        data.connection.mode host host.port impl timeout transfer.mode
        """,
        "fs.s3a.": """
        access.key accesspoint.required acl.default assumed.role.arn assumed.role.credentials.provider
        assumed.role.policy assumed.role.session.duration assumed.role.session.name
        assumed.role.sts.endpoint assumed.role.sts.endpoint.region attempts.maximum audit.enabled
        aws.credentials.provider block.size buffer.dir change.detection.mode change.detection.source
        change.detection.version.required committer.abort.pending.uploads committer.magic.enabled
        committer.name committer.staging.conflict-mode committer.staging.tmp.path
        committer.staging.unique-filenames committer.threads connection.establish.timeout
        connection.maximum connection.ssl.enabled connection.timeout connection.ttl
        delegation.token.binding downgrade.syncable.exceptions encryption.algorithm encryption.key
        endpoint etag.checksum.enabled executor.capacity fast.upload.active.blocks fast.upload.buffer
        impl list.version max.total.tasks multiobjectdelete.enable multipart.purge multipart.purge.age
        multipart.size multipart.threshold paging.maximum path.style.access proxy.domain proxy.host
        proxy.password proxy.port proxy.username proxy.workstation readahead.range retry.interval
        retry.limit retry.throttle.interval retry.throttle.limit secret.key
        security.credential.provider.path select.enabled select.errors.include.sql
        select.input.compression select.input.csv.comment.marker select.input.csv.field.delimiter
        select.input.csv.header select.input.csv.quote.character
        select.input.csv.quote.escape.character select.input.csv.record.delimiter
        select.output.csv.field.delimiter select.output.csv.quote.character
        select.output.csv.quote.escape.character select.output.csv.quote.fields
        select.output.csv.record.delimiter session.token signing-algorithm socket.recv.buffer
        socket.send.buffer ssl.channel.mode threads.keepalivetime threads.max user.agent.prefix
        """,
        "fs.viewfs.": """
        overload.scheme.target.abfs.impl overload.scheme.target.abfss.impl
        overload.scheme.target.file.impl overload.scheme.target.ftp.impl overload.scheme.target.gs.impl
        overload.scheme.target.hdfs.impl overload.scheme.target.http.impl
        overload.scheme.target.https.impl overload.scheme.target.o3fs.impl
        overload.scheme.target.ofs.impl overload.scheme.target.oss.impl overload.scheme.target.s3a.impl
        overload.scheme.target.swebhdfs.impl overload.scheme.target.wasb.impl
        overload.scheme.target.webhdfs.impl rename.strategy
        """,
        "ftp.": """
        blocksize bytes-per-checksum client-write-packet-size replication stream-buffer-size
        """,
        "ha.failover-controller.": """
        active-standby-elector.zk.op.retries cli-check.rpc-timeout.ms graceful-fence.connection.retries
        graceful-fence.rpc-timeout.ms new-active.rpc-timeout.ms
        """,
        "ha.health-monitor.": """
        check-interval.ms connect-retry-interval.ms rpc-timeout.ms rpc.connect.max.retries
        sleep-after-disconnect.ms
        """,
        "ha.zookeeper.": """
        acl auth parent-znode quorum session-timeout.ms
        """,
        "hadoop.": """
        common.configuration.version domainname.resolver.impl htrace.span.receiver.classes
        jetty.logs.serve.aliases kerberos.keytab.login.autorenewal.enabled kerberos.kinit.command
        kerberos.min.seconds.before.relogin metrics.jvm.use-thread-mxbean prometheus.endpoint.enabled
        rpc.protection rpc.socket.factory.class.ClientProtocol rpc.socket.factory.class.default
        service.shutdown.timeout shell.missing.defaultFs.warning shell.safely.delete.limit.num.files
        socks.server system.tags tags.custom tags.system tmp.dir token.files tokens
        user.group.metrics.percentiles.intervals user.group.static.mapping.overrides util.hash.type
        workaround.non.threadsafe.getpwuid
        """,
        "hadoop.caller.": """
        context.enabled context.max.size context.separator context.signature.max.size
        """,
        "hadoop.http.": """
        authentication.cookie.domain authentication.kerberos.endpoint.whitelist
        authentication.kerberos.keytab authentication.kerberos.principal
        authentication.signature.secret.file authentication.simple.anonymous.allowed
        authentication.token.validity authentication.type cross-origin.allowed-headers
        cross-origin.allowed-methods cross-origin.allowed-origins cross-origin.enabled
        cross-origin.max-age filter.initializers idle_timeout.ms jmx.nan-filter.enabled logs.enabled
        metrics.enabled sni.host.check.enabled staticuser.user
        """,
        "hadoop.registry.": """
        jaas.context kerberos.realm secure system.acls zk.connection.timeout.ms zk.quorum
        zk.retry.ceiling.ms zk.retry.interval.ms zk.retry.times zk.root zk.session.timeout.ms
        """,
        "hadoop.security.": """
        auth_to_local auth_to_local.mechanism authentication authorization
        credential.clear-text-fallback credential.provider.path
        credstore.java-keystore-provider.password-file crypto.buffer.size crypto.cipher.suite
        crypto.codec.classes.EXAMPLECIPHERSUITE crypto.codec.classes.aes.ctr.nopadding
        crypto.codec.classes.sm4.ctr.nopadding crypto.jce.provider crypto.jceks.key.serialfilter
        dns.interface dns.log-slow-lookups.enabled dns.log-slow-lookups.threshold.ms dns.nameserver
        group.mapping group.mapping.ldap.base group.mapping.ldap.bind.password
        group.mapping.ldap.bind.password.alias group.mapping.ldap.bind.password.file
        group.mapping.ldap.bind.user group.mapping.ldap.bind.users
        group.mapping.ldap.connection.timeout.ms group.mapping.ldap.conversion.rule
        group.mapping.ldap.ctx.factory.class group.mapping.ldap.directory.search.timeout
        group.mapping.ldap.group.search.filter.pattern group.mapping.ldap.groupbase
        group.mapping.ldap.num.attempts group.mapping.ldap.num.attempts.before.failover
        group.mapping.ldap.posix.attr.gid.name group.mapping.ldap.posix.attr.uid.name
        group.mapping.ldap.read.timeout.ms group.mapping.ldap.search.attr.group.name
        group.mapping.ldap.search.attr.member group.mapping.ldap.search.attr.memberof
        group.mapping.ldap.search.filter.group group.mapping.ldap.search.filter.user
        group.mapping.ldap.search.group.hierarchy.levels group.mapping.ldap.ssl
        group.mapping.ldap.ssl.keystore group.mapping.ldap.ssl.keystore.password
        group.mapping.ldap.ssl.keystore.password.file group.mapping.ldap.ssl.truststore
        group.mapping.ldap.ssl.truststore.password.file group.mapping.ldap.url
        group.mapping.ldap.userbase group.mapping.providers group.mapping.providers.combined
        groups.cache.background.reload groups.cache.background.reload.threads groups.cache.secs
        groups.cache.warn.after.ms groups.negative-cache.secs groups.shell.command.timeout
        impersonation.provider.class instrumentation.requires.admin java.secure.random.algorithm
        kerberos.ticket.cache.path key.default.bitlength key.default.cipher key.provider.path
        kms.client.authentication.retry-count kms.client.encrypted.key.cache.expiry
        kms.client.encrypted.key.cache.low-watermark kms.client.encrypted.key.cache.num.refill.threads
        kms.client.encrypted.key.cache.size kms.client.failover.max.retries
        kms.client.failover.sleep.base.millis kms.client.failover.sleep.max.millis kms.client.timeout
        openssl.engine.id random.device.file.path resolver.impl saslproperties.resolver.class
        secure.random.impl sensitive-config-keys service.user.name.key token.service.use_ip
        uid.cache.secs
        """,
        "hadoop.ssl.": """
        client.conf enabled.protocols hostname.verifier keystores.factory.class require.client.cert
        server.conf
        """,
        "hadoop.zk.": """
        acl address auth kerberos.keytab kerberos.principal num-retries retry-interval-ms
        server.principal ssl.enabled ssl.keystore.location ssl.keystore.password
        ssl.truststore.location ssl.truststore.password timeout-ms
        """,
        "io.": """
        bytes.per.checksum file.buffer.size map.index.interval map.index.skip mapfile.bloom.error.rate
        mapfile.bloom.size seqfile.compress.blocksize seqfile.local.dir serializations
        skip.checksum.errors
        """,
        "io.compression.": """
        codec.bzip2.library codec.lz4.buffersize codec.lz4.use.lz4hc codec.lzo.buffersize
        codec.lzo.class codec.snappy.buffersize codec.zstd.buffersize codec.zstd.level codecs
        """,
        "io.erasurecode.": """
        codec.native.enabled codec.rs-legacy.rawcoders codec.rs.rawcoders codec.xor.rawcoders
        """,
        "ipc.": """
        backoff.enable callqueue.impl callqueue.overflow.trigger.failover cost-provider.impl
        identity-provider.impl maximum.data.length maximum.response.length ping.interval scheduler.impl
        """,
        "ipc.client.": """
        async.calls.max bind.wildcard.addr connect.max.retries connect.max.retries.on.sasl
        connect.max.retries.on.timeouts connect.retry.interval connect.timeout
        connection.idle-scan-interval.ms connection.maxidletime fallback-to-simple-auth-allowed
        idlethreshold kill.max low-latency ping rpc-timeout.ms tcpnodelay
        """,
        "ipc.server.": """
        handler.queue.size listen.queue.size log.slow.rpc log.slow.rpc.threshold.ms max.connections
        max.response.size metrics.update.runner.interval purge.interval read.connection-queue.size
        read.threadpool.size reuseaddr tcpnodelay
        """,
        "net.topology.": """
        configured.node.mapping dependency.script.file.name impl node.switch.mapping.impl
        script.file.name script.number.args table.file.name
        """,
        "nfs.": """
        exports.allowed.hosts
        """,
        "rpc.": """
        metrics.percentiles.intervals metrics.quantile.enable metrics.timeunit
        """,
        "security.": """
        service.authorization.default.acl service.authorization.default.acl.blocked
        """,
        "seq.": """
        io.sort.factor io.sort.mb
        """,
        "tfile.": """
        fs.input.buffer.size fs.output.buffer.size io.chunk.size
        """,
    ])

    /// - Parameter words: by prefix, what follows it, between spaces.
    private static func names(_ words: KeyValuePairs<String, String>) -> Set<String> {
        var names: Set<String> = []
        for (prefix, rest) in words {
            for word in rest.split(whereSeparator: \.isWhitespace) {
                names.insert(prefix + word)
            }
        }
        return names
    }
}
