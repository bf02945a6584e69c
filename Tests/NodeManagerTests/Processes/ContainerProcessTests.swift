import ClusterModel
import Glibc
import Staging
import TestSupport
import Testing

@testable import NodeManager

@Suite(.timeLimit(.minutes(2))) struct ContainerProcessTests {
    let fixture: ContainerFixture

    init() throws {
        self.fixture = try ContainerFixture()
    }

    @Test func `a script runs in its folder, session and environment and its code is kept`() async throws {
        let specification = try self.fixture.specification(
            """
            echo "$PWD $FROM_OUTSIDE"
            echo "to stderr" >&2
            read -r _ _ _ _ group session _ < /proc/$$/stat
            echo "$$ $group $session" > ids
            exit 42
            """
        )
        let process = try await self.fixture.launcher.launch(specification)
        let exit = await process.exit
        #expect(exit == ContainerExit(code: 42))
        #expect(exit.signal == nil)
        let work = specification.workDirectory
        #expect(ContainerFixture.read("\(work)/stdout") == "\(work) a b\n")
        #expect(ContainerFixture.read("\(work)/stderr") == "to stderr\n")
        let script = process.script.number
        #expect(ContainerFixture.read("\(work)/ids") == "\(script) \(script) \(script)\n")
        let state = ContainerStateFile(specification)
        #expect(state.readExit()?.code == 42)
        #expect(state.readExit()?.message == nil)
        #expect(ContainerFixture.read(state.path)?.hasPrefix("\(script) \(process.script.startTicks) ") == true)
        #expect(directoryEntries(specification.stateDirectory) == ["\(specification.container).pid"])
    }

    @Test func `the supervisor keeps no descriptor of the NodeManager and the script none of the supervisor`()
        async throws
    {
        let leak = try OwnedDescriptor.open("/proc/version", O_RDONLY)
        // Without close-on-exec it would reach every child that does not close it.
        _ = fcntl(leak.number, F_SETFD, 0)
        let process = try await self.fixture.launcher.launch(
            try self.fixture.specification("ls -l /proc/self/fd > fds; ls -l /proc/$PPID/fd > supervisor-fds")
        )
        #expect(await process.exit.code == 0)
        let work = "\(self.fixture.folder)/work-1"
        let own = try #require(ContainerFixture.read("\(work)/fds"))
        let supervisor = try #require(ContainerFixture.read("\(work)/supervisor-fds"))
        #expect(!own.contains("/proc/version"))
        #expect(!own.contains(".pid"))
        #expect(!supervisor.contains("/proc/version"))
        #expect(supervisor.contains(".pid"))
    }

    @Test func `a double fork, a daemon and a background job end with the script`() async throws {
        let process = try await self.fixture.launcher.launch(
            try self.fixture.specification(
                """
                sleep 1000 & echo $! > background
                (setsid bash -c 'echo $$ > daemon; trap "" TERM HUP; while :; do sleep 1; done' &)
                (setsid bash -c '(bash -c "echo \\$\\$ > double; exec sleep 1000" &)' &)
                until [ -s daemon ] && [ -s double ]; do sleep 0.01; done
                exit 3
                """
            )
        )
        let exit = await process.exit
        #expect(exit.code == 3)
        for name in ["background", "daemon", "double"] {
            let left = try #require(number(in: "\(self.fixture.folder)/work-1/\(name)"))
            #expect(!isAlive(left), "\(name) still runs as \(left)")
        }
        #expect(!process.supervisor.isRunning)
    }

    @Test func `what a script leaves behind is asked to end when its code is on record, and has the delay to do so`()
        async throws
    {
        var specification = try self.fixture.specification(
            """
            (setsid bash -c 'trap "sleep 0.1; tail -n +2 ../private-1/*.pid > said; exit" TERM
                echo > left; while :; do sleep 0.01; done' &)
            until [ -e left ]; do sleep 0.01; done
            exit 3
            """
        )
        specification.killDelay = .seconds(30)
        let process = try await self.fixture.launcher.launch(specification)
        #expect(await process.exit.code == 3)
        #expect(ContainerFixture.read("\(specification.workDirectory)/said")?.hasPrefix("3\n") == true)
    }

    @Test func `many children end, whatever they are called`() async throws {
        // More than one page of the supervisor's list, and more numbers than it reads at once.
        let specification = try self.fixture.specification(
            """
            cp "$(command -v sleep)" 'a) S 1 (b'
            './a) S 1 (b' 1000 & echo $! > named
            for i in {1..700}; do sleep 1000 & done
            echo $! > last
            exit 4
            """
        )
        let process = try await self.fixture.launcher.launch(specification)
        #expect(await process.exit.code == 4)
        for name in ["named", "last"] {
            #expect(!isAlive(try #require(number(in: "\(specification.workDirectory)/\(name)"))))
        }
        let mark = "HEDDLE_CONTAINER_STATE=\(specification.stateDirectory)/\(specification.container)"
        let left = ProcessTable.read().all.filter { status in
            readSmallFile("/proc/\(status.number)/environ", maximum: 1 << 20)?.contains(mark) == true
        }
        #expect(left.isEmpty)
    }

    @Test func `a supervisor takes next to no memory`() async throws {
        let process = try await self.fixture.launcher.launch(
            try self.fixture.specification("grep VmRSS /proc/$PPID/status > memory")
        )
        #expect(await process.exit.code == 0)
        let text = try #require(ContainerFixture.read("\(self.fixture.folder)/work-1/memory"))
        let kibibytes = try #require(text.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) })
        #expect(kibibytes < 256, "\(text)")
    }

    @Test func `a tree that forks while it is killed ends whole`() async throws {
        let specification = try self.fixture.specification(
            """
            spawn() { bash -c 'trap "" TERM; while :; do (sleep 0.05 & setsid sleep 30 & sleep 0.01); done' & }
            for i in 1 2 3 4 5; do spawn; done
            echo ready > ready
            wait
            """
        )
        let process = try await self.fixture.launcher.launch(specification)
        try await eventually { ContainerFixture.read("\(specification.workDirectory)/ready") != nil }
        process.signal(.kill)
        #expect(await process.exit.code == 137)
        let mark = "HEDDLE_CONTAINER_STATE=\(specification.stateDirectory)/\(specification.container)"
        let left = ProcessTable.read().all.filter { status in
            readSmallFile("/proc/\(status.number)/environ", maximum: 1 << 20)?.contains(mark) == true
        }
        #expect(left.isEmpty)
    }

    @Test func `TERM reaches the script, which may answer it`() async throws {
        let specification = try self.fixture.specification(
            "trap 'echo bye > said; exit 9' TERM\necho > ready\nwhile :; do sleep 0.01; done"
        )
        let process = try await self.fixture.launcher.launch(specification)
        try await eventually { ContainerFixture.read("\(specification.workDirectory)/ready") != nil }
        #expect(process.signal(.terminate))
        #expect(await process.exit.code == 9)
        #expect(ContainerFixture.read("\(specification.workDirectory)/said") == "bye\n")
    }

    @Test func `TERM reaches whatever the script started, and the script goes on`() async throws {
        let specification = try self.fixture.specification(
            """
            trap : TERM
            bash -c 'trap "echo bye > said; exit" TERM; echo > ready; while :; do sleep 0.01; done'
            exit 9
            """
        )
        let process = try await self.fixture.launcher.launch(specification)
        try await eventually { ContainerFixture.read("\(specification.workDirectory)/ready") != nil }
        process.signal(.terminate)
        try await eventually { !process.supervisor.isRunning }
        #expect(ContainerFixture.read("\(specification.workDirectory)/said") == "bye\n")
        process.signal(.kill)
        #expect(await process.exit.code == 9)
    }

    @Test func `a script that dies of TERM is 143 and one that ignores it is killed to 137`() async throws {
        let quiet = try await self.fixture.launcher.launch(try self.fixture.specification("exec sleep 1000"))
        #expect(await quiet.stop(after: .seconds(30)) == ContainerExit(code: 143))
        let specification = try self.fixture.specification(
            "trap '' TERM\necho > ready\nwhile :; do sleep 0.05; done",
            sequence: 2
        )
        let stubborn = try await self.fixture.launcher.launch(specification)
        try await eventually { ContainerFixture.read("\(specification.workDirectory)/ready") != nil }
        let exit = await stubborn.stop(after: .milliseconds(100))
        #expect(exit.code == 137)
        #expect(exit.signal == SIGKILL)
        // The supervisor lived to write it.
        #expect(ContainerStateFile(specification).readExit()?.code == 137)
    }

    @Test func `a thread dump reaches who handles it and harms nobody else`() async throws {
        let specification = try self.fixture.specification(
            """
            # Without job control the shell has what runs in the background ignore the signal.
            set -m
            sleep 1000 & echo $! > deaf
            set +m
            until grep -q sleep /proc/$(cat deaf)/comm; do sleep 0.01; done
            trap 'echo dumped > dump' QUIT
            echo > ready
            while [ ! -s dump ]; do sleep 0.01; done
            kill -0 $(cat deaf) && exit 5
            """
        )
        let process = try await self.fixture.launcher.launch(specification)
        try await eventually { ContainerFixture.read("\(specification.workDirectory)/ready") != nil }
        process.signal(.threadDump)
        #expect(await process.exit.code == 5)
    }

    @Test func `a container that stops its supervisor again and again ends all the same`() async throws {
        let specification = try self.fixture.specification(
            """
            setsid bash -c 'trap "" TERM; while :; do kill -STOP '$PPID' 2> /dev/null || exit; done' &
            echo $! > stopper
            (setsid env -i bash -c 'echo $$ > hidden; exec sleep 1000' &)
            until [ -s hidden ]; do sleep 0.01; done
            echo > ready
            wait
            """
        )
        let process = try await self.fixture.launcher.launch(specification)
        try await eventually { ContainerFixture.read("\(specification.workDirectory)/ready") != nil }
        process.signal(.kill)
        #expect(await process.exit.code == 137)
        for name in ["stopper", "hidden"] {
            let left = try #require(number(in: "\(specification.workDirectory)/\(name)"))
            try await eventually { !isAlive(left) }
        }
    }

    /// No pipe leads to this process, which so holds nothing of the output; Tests/Interop measures that with a gigabyte.
    @Test(arguments: [true, false])
    func `what a container prints goes straight to its file`(isKept: Bool) async throws {
        var specification = try self.fixture.specification("readlink /proc/$$/fd/1 /proc/$$/fd/2 > where; exit 4")
        if !isKept { (specification.standardOutput, specification.standardError) = (nil, nil) }
        let process = try await self.fixture.launcher.launch(specification)
        #expect(await process.exit.code == 4)
        let places = ContainerFixture.read("\(specification.workDirectory)/where")?.split(separator: "\n").map(
            String.init
        )
        let expected = [specification.standardOutput, specification.standardError].map { $0 ?? "/dev/null" }
        #expect(places == expected)
    }

    @Test func `a missing work folder is an error with its name, and leaves no process`() async throws {
        var specification = try self.fixture.specification("exit 0")
        specification.workDirectory = "\(self.fixture.folder)/nowhere"
        let failure = await #expect(throws: ContainerLaunchFailure.self) {
            try await self.fixture.launcher.launch(specification)
        }
        let text = failure?.description ?? ""
        let reason = "cannot enter \(self.fixture.folder)/nowhere: No such file or directory"
        #expect(text.hasSuffix(reason))
        // For a NodeManager that was not there to hear it.
        let left = ContainerStateFile(specification).readExit()
        #expect(left?.code == 127 && left?.message == reason)
    }

    @Test func `a state folder that cannot be written is an error`() async throws {
        var specification = try self.fixture.specification("exit 0")
        specification.stateDirectory = "\(self.fixture.folder)/nowhere"
        let failure = await #expect(throws: ContainerLaunchFailure.self) {
            try await self.fixture.launcher.launch(specification)
        }
        #expect(failure?.description.contains("nowhere") == true)
    }

    @Test func `what is in a log file stays, and what a container makes is readable for its group`() async throws {
        let specification = try self.fixture.specification(
            "echo after; touch file; mkdir folder; stat -c %a file folder stderr > modes"
        )
        try ContainerFixture.write("before\n", to: "\(specification.workDirectory)/stdout")
        let process = try await self.fixture.launcher.launch(specification)
        #expect(await process.exit.code == 0)
        #expect(ContainerFixture.read("\(specification.workDirectory)/stdout") == "before\nafter\n")
        #expect(ContainerFixture.read("\(specification.workDirectory)/modes") == "640\n750\n640\n")
    }

    @Test func `a container neither blocks nor ignores signals, and those for a terminal do not end its supervisor`()
        async throws
    {
        let specification = try self.fixture.specification(
            """
            grep -E '^Sig(Blk|Ign)' /proc/self/status > signals
            echo > ready
            until [ -e go ]; do sleep 0.01; done
            exit 7
            """
        )
        let process = try await self.fixture.launcher.launch(specification)
        try await eventually { ContainerFixture.read("\(specification.workDirectory)/ready") != nil }
        for signal in [SIGHUP, SIGINT, SIGPIPE, SIGUSR2] { #expect(process.supervisor.send(signal)) }
        try ContainerFixture.write("", to: "\(specification.workDirectory)/go")
        #expect(await process.exit.code == 7)
        let masks = try #require(ContainerFixture.read("\(specification.workDirectory)/signals"))
        let lines = masks.split(separator: "\n")
        #expect(lines.count == 2)
        for line in lines {
            let mask = try #require(UInt64(line.dropFirst("SigBlk:\t".count), radix: 16))
            // From 32 on they are the C library's own.
            #expect(mask & 0x7fff_ffff == 0, "\(line)")
        }
    }

    @Test func `a pipe in place of a log file is refused, whoever does not read it`() async throws {
        let specification = try self.fixture.specification("exit 0")
        #expect(unsafe mkfifo("\(specification.workDirectory)/stdout", 0o600) == 0)
        let failure = await #expect(throws: ContainerLaunchFailure.self) {
            try await self.fixture.launcher.launch(specification)
        }
        #expect(failure?.description.contains("cannot open \(specification.workDirectory)/stdout") == true)
    }

    @Test func `a link in place of a log file is refused`() async throws {
        let specification = try self.fixture.specification("exit 0")
        let victim = "\(self.fixture.folder)/victim"
        try ContainerFixture.write("kept", to: victim)
        #expect(unsafe symlink(victim, "\(specification.workDirectory)/stdout") == 0)
        await #expect(throws: ContainerLaunchFailure.self) {
            try await self.fixture.launcher.launch(specification)
        }
        #expect(ContainerFixture.read(victim) == "kept")
    }

    @Test func `limits hold in the container`() async throws {
        var specification = try self.fixture.specification(
            "tr -s ' ' < /proc/self/limits > limits; grep NoNewPrivs /proc/self/status >> limits"
        )
        specification.resourceLimits = [.openFiles(321), .coreFileBytes(0), .processes(9_999)]
        specification.forbidsNewPrivileges = true
        let process = try await self.fixture.launcher.launch(specification)
        #expect(await process.exit.code == 0)
        let text = try #require(ContainerFixture.read("\(specification.workDirectory)/limits"))
        for limit in ["open files 321 321 ", "core file size 0 0 ", "processes 9999 9999 "] {
            #expect(text.contains("Max \(limit)"), "\(text)")
        }
        #expect(text.contains("NoNewPrivs:\t1"))
    }

    @Test func `a container of another user has that user's rights and cannot touch its supervisor`() async throws {
        guard geteuid() == 0 else { return }
        let nobody = try #require(try OperatingSystemAccount.named("nobody"))
        _ = unsafe chmod(self.fixture.folder, 0o755)
        var specification = try self.fixture.specification(
            "id -u > ids; id -G >> ids; kill -9 $PPID 2> denied; cat \(self.fixture.folder)/private-1/* 2>> denied; exit 6"
        )
        _ = unsafe chown(specification.workDirectory, nobody.user, nobody.group)
        _ = unsafe chmod(specification.stateDirectory, 0o700)
        // A group of its own, and none of this process's.
        specification.account = OperatingSystemAccount(
            name: nobody.name,
            user: nobody.user,
            group: nobody.group,
            groups: [nobody.group, 54_321]
        )
        let process = try await self.fixture.launcher.launch(specification)
        #expect(await process.exit.code == 6)
        let work = specification.workDirectory
        #expect(ContainerFixture.read("\(work)/ids") == "\(nobody.user)\n\(nobody.group) 54321\n")
        let denied = try #require(ContainerFixture.read("\(work)/denied"))
        #expect(denied.contains("not permitted"))
        #expect(denied.contains("Permission denied"))
    }

    @Test func `two hundred containers at once each report their own code`() async throws {
        let codes = try await withThrowingTaskGroup(of: (Int64, Int32?).self) { group in
            for sequence in 1...Int64(200) {
                let specification = try self.fixture.specification("exit \(sequence % 100)", sequence: sequence)
                group.addTask { [fixture] in
                    let process = try await fixture.launcher.launch(specification)
                    return (sequence, await process.exit.code)
                }
            }
            return try await group.reduce(into: [Int64: Int32]()) { $0[$1.0] = $1.1 }
        }
        #expect(codes.count == 200)
        #expect(codes.allSatisfy { $0.value == Int32($0.key % 100) })
    }
}
