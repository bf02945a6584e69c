import ClusterModel
import Glibc
import HadoopProtos
import NodeManagerCore
import TestSupport
import Testing

@testable import NodeManager

/// Settings that say how containers are kept.
@Suite(.timeLimit(.minutes(3))) struct ContainerSettingsTests {
    @Test(arguments: [("750", "750"), ("700", "700"), ("777", "777")])
    func `log folders have the permissions that are configured`(setting: String, mode: String) async throws {
        let key = "yarn.nodemanager.default-container-executor.log-dirs.permissions"
        try await withNode([key: setting]) { node in
            let script = "stat -c %a <LOG_DIR> <LOG_DIR>/.. > <LOG_DIR>/modes; stat -c %a . > <LOG_DIR>/work"
            let status = try await node.run(1, script)
            #expect(status.exitStatus == 0)
            #expect(node.log(1, "modes") == "\(mode)\n\(mode)\n")
            #expect(node.log(1, "work") == "710\n")
        }
    }

    @Test func `a supervisor that does not carry a kill out is passed by after the wait that is configured`()
        async throws
    {
        try await withNode(["yarn.nodemanager.process-kill-wait.ms": "50"]) { node in
            // It stops its supervisor as fast as the NodeManager lets it go on.
            let script = """
                trap '' TERM; (setsid bash -c 'trap \\"\\" TERM; while kill -STOP \\$SUPERVISOR; do :; done' &); \
                touch <LOG_DIR>/ready; while true; do sleep 0.05; done
                """
            let commands = ["export SUPERVISOR=\\$PPID; \(script)"]
            try await node.start([node.request(1, commands)])
            try await eventually { node.log(1, "ready") != nil }
            _ = try await node.stopContainers([1])
            let status = try await node.end(of: 1)
            #expect(status.exitStatus == ContainerExitStatus.killedByApplicationMaster.code)
            try await eventually { containerProcesses(below: node.folder).isEmpty }
        }
    }
}
