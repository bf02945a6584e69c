import ClusterModel
import Glibc
import TestSupport
import Testing

@testable import NodeManager

@Suite(.timeLimit(.minutes(1))) struct CgroupTests {
    @Test func `hierarchies are those that hold a controller containers need, in either version`() {
        let mounts = """
            tmpfs /sys/fs/cgroup tmpfs rw 0 0
            cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,nosuid,cpu,cpuacct 0 0
            cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0
            cgroup /sys/fs/cgroup/pids cgroup ro,pids 0 0
            cgroup /sys/fs/cgroup/devices cgroup rw,devices 0 0
            cgroup2 /sys/fs/cgroup/unified cgroup2 rw,nosuid 0 0
            cgroup2 /sys/fs/cgroup/unified cgroup2 rw,nosuid 0 0
            short
            """
        #expect(
            CgroupHierarchy.hierarchies(in: mounts) == [
                .init(path: "/sys/fs/cgroup/cpu,cpuacct", isUnified: false),
                .init(path: "/sys/fs/cgroup/memory", isUnified: false),
                .init(path: "/sys/fs/cgroup/unified", isUnified: true),
            ]
        )
    }

    @Test func `without a writable hierarchy there are no control groups, and names cannot lead elsewhere`() {
        #expect(CgroupHierarchy(name: "x", mounts: "cgroup2 /nowhere cgroup2 rw 0 0") == nil)
        #expect(CgroupHierarchy(name: "x", mounts: nil) == nil)
        #expect(CgroupHierarchy(name: "../x") == nil)
        #expect(CgroupHierarchy(name: "") == nil)
    }

    @Test func `a container runs in its groups, its memory is counted, and they go with it`() async throws {
        guard let hierarchy = CgroupHierarchy(name: "test-\(getpid())-a") else { return }
        defer { hierarchy.remove() }
        let fixture = try ContainerFixture()
        var specification = try fixture.specification(
            "cat /proc/self/cgroup > groups; head -c 20000000 /dev/zero | tail -c 1 > x"
        )
        let limits = CgroupLimits(memoryBytes: 256 << 20, virtualCores: 2, processes: 100)
        let group = try #require(hierarchy.create(for: specification.container, limits: limits))
        specification.cgroup = group
        let process = try await fixture.launcher.launch(specification)
        let exit = await process.exit
        #expect(exit.code == 0)
        let groups = try #require(ContainerFixture.read("\(specification.workDirectory)/groups"))
        #expect(groups.contains("/heddle-test-\(getpid())-a/\(specification.container)"))
        if let peak = exit.memoryPeak { #expect(peak > 0) }
        #expect(!exit.wasKilledForMemory)
        for directory in group.directories {
            #expect(unsafe access(directory, F_OK) != 0)
        }
        #expect(hierarchy.existing(for: specification.container) == nil)
        // The NodeManager's own folder went with its last container.
        for directory in group.directories {
            let folder = directory.split(separator: "/").dropLast().joined(separator: "/")
            #expect(unsafe access("/\(folder)", F_OK) != 0)
        }
    }

    @Test func `the kernel's kill at the memory limit is recognised`() async throws {
        guard let hierarchy = CgroupHierarchy(name: "test-\(getpid())-b") else { return }
        defer { hierarchy.remove() }
        let fixture = try ContainerFixture()
        var specification = try fixture.specification("head -c 400000000 /dev/zero | tail -c 300000000 > /dev/null")
        let group = try #require(
            hierarchy.create(for: specification.container, limits: CgroupLimits(memoryBytes: 32 << 20))
        )
        // Without a memory controller nothing is enforced.
        guard group.memoryPeak != nil else { return group.remove() }
        specification.cgroup = group
        let exit = await (try await fixture.launcher.launch(specification)).exit
        #expect(exit.code == 137)
        #expect(exit.wasKilledForMemory)
        #expect(exit.memoryPeak.map { $0 >= 30 << 20 } == true)
    }

    @Test func `what left session and environment behind is found by its group`() async throws {
        guard let hierarchy = CgroupHierarchy(name: "test-\(getpid())-c") else { return }
        defer { hierarchy.remove() }
        let fixture = try ContainerFixture()
        var specification = try fixture.specification(
            "(setsid env -i bash -c 'echo $$ > hidden; exec sleep 1000' &)\nuntil [ -s hidden ]; do sleep 0.01; done\nsleep 1000"
        )
        specification.cgroup = hierarchy.create(for: specification.container, limits: CgroupLimits())
        let process = try await fixture.launcher.launch(specification)
        try await eventually { number(in: "\(specification.workDirectory)/hidden") != nil }
        process.supervisor.send(SIGKILL)
        #expect(await process.exit.code == nil)
        let hidden = try #require(number(in: "\(specification.workDirectory)/hidden"))
        #expect(!isAlive(hidden))
    }
}
