import Glibc
import Staging
import Testing

@testable import NodeManager

@Suite(.timeLimit(.minutes(1))) struct SupervisorProgramTests {
    /// Runs the program directly and returns its exit code and what it said.
    private func run(_ arguments: String) throws -> (code: Int32, answer: String) {
        let folder = try ContainerFixture.makeFolder()
        defer { TreeRemoval.remove(folder) }
        let status = unsafe system(
            "'\(try ContainerFixture.supervisor())' \(arguments) > \(folder)/answer 2> /dev/null"
        )
        return (status >> 8 & 0xff, ContainerFixture.read("\(folder)/answer") ?? "")
    }

    @Test(arguments: [
        ("", "no program after --"), ("-- /bin/true", "--state-file is needed"),
        ("--state-file /x -- /bin/true", "--work-directory is needed"),
        ("--unknown x -- /bin/true", "unknown option"), ("--user 0 -- /bin/true", "--user needs uid:gid,groups"),
        ("--user 1:2,x -- /bin/true", "--user has a malformed group"),
        ("--user -1:2 -- /bin/true", "--user needs uid:gid,groups"),
        ("--user 4294967295:1 -- /bin/true", "--user needs uid:gid,groups"),
        ("--user 99999999999999999999:1 -- /bin/true", "--user needs uid:gid,groups"),
        ("--rlimit stack=1 -- /bin/true", "--rlimit knows core, nofile and nproc"),
        ("--rlimit core=-1 -- /bin/true", "--rlimit needs a number"),
        ("--kill-delay-ms soon -- /bin/true", "--kill-delay-ms needs milliseconds"), ("--stdout", "lacks its value"),
    ])
    func `arguments that are not understood start nothing`(arguments: String, problem: String) throws {
        let (code, answer) = try self.run(arguments)
        #expect(code == 127)
        #expect(answer.hasPrefix("failed "))
        #expect(answer.contains(problem), "\(answer)")
    }

    @Test func `whoever runs it, it has a session of its own and keeps no descriptor of theirs`() throws {
        let folder = try ContainerFixture.makeFolder()
        defer { TreeRemoval.remove(folder) }
        let script = "cat /proc/$PPID/stat; ls -l /proc/$PPID/fd"
        let files = "--state-file \(folder)/state --stdout \(folder)/out --work-directory /"
        let (code, _) = try self.run("\(files) -- /bin/sh -c '\(script)' 9< /proc/version")
        #expect(code == 0)
        let text = try #require(ContainerFixture.read("\(folder)/out"))
        // proc(5): its number first, the number of its session sixth.
        let fields = text.split(separator: " ")
        try #require(fields.count > 6)
        #expect(fields[5] == fields[0])
        #expect(text.contains("\(folder)/state"))
        #expect(!text.contains("/proc/version"))
    }

    @Test func `a control group is entered by the script, and told to kill what is left`() throws {
        let folder = try ContainerFixture.makeFolder()
        defer { TreeRemoval.remove(folder) }
        // Plain files show what the kernel's would be told.
        for name in ["procs", "kill"] { try ContainerFixture.write("", to: "\(folder)/cgroup.\(name)") }
        let files = "--state-file \(folder)/state --work-directory / --cgroup \(folder)"
        let script = "test -s \(folder)/cgroup.kill && exit 1; sleep 1000 & exit 5"
        let (code, _) = try self.run("\(files) --kill-delay-ms 0 -- /bin/sh -c '\(script)'")
        #expect(code == 5)
        #expect(ContainerFixture.read("\(folder)/cgroup.procs") == "0")
        #expect(ContainerFixture.read("\(folder)/cgroup.kill") == "1")
    }

    @Test func `the program is static: it loads nothing and looks nowhere for libraries`() throws {
        let path = try ContainerFixture.supervisor()
        let file = try OwnedDescriptor.open(path, O_RDONLY)
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = unsafe try bytes.withUnsafeMutableBytes { unsafe try file.read(into: $0, path: path) }
        try #require(count == 4096)
        func number(_ offset: Int, _ width: Int) -> Int {
            (0..<width).reduce(0) { $0 | Int(bytes[offset + $1]) << ($1 * 8) }
        }
        // ELF64: the table of segments, one type each; 3 is PT_INTERP, the request for a dynamic loader.
        let (start, size, segments) = (number(32, 8), number(54, 2), number(56, 2))
        let types = (0..<segments).map { number(start + $0 * size, 4) }
        #expect(types.contains(1))
        #expect(!types.contains(3))
    }

    @Test func `it is found beside the program or where the environment says`() throws {
        let path = try ContainerFixture.supervisor()
        #expect(try SupervisorProgram.find(environment: ["HEDDLE_SUPERVISOR": path]) == path)
        let failure = #expect(throws: ContainerLaunchFailure.self) {
            try SupervisorProgram.find(environment: ["HEDDLE_SUPERVISOR": "/nowhere/x"])
        }
        #expect(failure?.description == "HEDDLE_SUPERVISOR=/nowhere/x is not an executable file")
    }

    @Test func `on a full disk a container starts or says why, and its code is not lost`() async throws {
        guard geteuid() == 0 else { return }
        let fixture = try ContainerFixture()
        let disk = "\(fixture.folder)/disk"
        _ = unsafe mkdir(disk, 0o755)
        guard unsafe system("mount -t tmpfs -o size=64k none \(disk) 2> /dev/null") == 0 else { return }
        defer { _ = unsafe system("umount -l \(disk)") }
        var specification = try fixture.specification("cat /dev/zero > \(disk)/fill 2> /dev/null; exit 21")
        specification.stateDirectory = disk
        let process = try await fixture.launcher.launch(specification)
        // Its place was taken while there was room.
        #expect(await process.exit == ContainerExit(code: 21))
        let state = ContainerStateFile(specification)
        #expect(state.readExit()?.code == 21)
        state.remove()
        _ = unsafe system("cat /dev/zero > \(disk)/fill 2> /dev/null")
        let failure = await #expect(throws: ContainerLaunchFailure.self) {
            try await fixture.launcher.launch(specification)
        }
        #expect(failure?.description.hasSuffix("No space left on device") == true)
    }
}
