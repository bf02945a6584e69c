import ClusterModel
import Glibc
import TestSupport
import Testing

@testable import NodeManager

@Suite(.timeLimit(.minutes(2))) struct ContainerAdoptionTests {
    let fixture: ContainerFixture

    init() throws {
        self.fixture = try ContainerFixture()
    }

    /// Starts a container from a process that is gone afterwards, as a NodeManager after kill -9 is.
    private func launchAndLeave(_ specification: ContainerProcessSpecification) async throws {
        let file = ContainerStateFile(specification)
        let arguments = SupervisorProgram.arguments(try ContainerFixture.supervisor(), specification, file)
        // One more process in between, which ends at once: the supervisor becomes init's child.
        let words = arguments.map { "'\($0)'" }.joined(separator: " ")
        let command = "HEDDLE_CONTAINER_STATE='\(file.mark)' setsid \(words) > /dev/null 2>&1 &"
        #expect(unsafe system(command) == 0)
        try await eventually { file.readProcesses() != nil }
    }

    @Test func `a container that runs is adopted and its end is seen`() async throws {
        let specification = try self.fixture.specification("until [ -e go ]; do sleep 0.01; done; exit 17")
        try await self.launchAndLeave(specification)
        guard
            case .running(let process) = await self.fixture.launcher.adopt(
                specification.container,
                stateDirectory: specification.stateDirectory
            )
        else {
            Issue.record("it was not found")
            return
        }
        #expect(process.supervisor.isRunning)
        #expect(!ProcessTree.usage(root: process.supervisor).processes.isEmpty)
        try ContainerFixture.write("", to: "\(specification.workDirectory)/go")
        #expect(await process.exit.code == 17)
    }

    @Test func `an adopted container can be killed and its code is known`() async throws {
        let specification = try self.fixture.specification("setsid sleep 1000 & echo $! > other; wait; sleep 1000")
        try await self.launchAndLeave(specification)
        guard
            case .running(let process) = await self.fixture.launcher.adopt(
                specification.container,
                stateDirectory: specification.stateDirectory
            )
        else {
            Issue.record("it was not found")
            return
        }
        try await eventually { number(in: "\(specification.workDirectory)/other") != nil }
        process.signal(.kill)
        #expect(await process.exit.code == 137)
        let other = try #require(number(in: "\(specification.workDirectory)/other"))
        #expect(!isAlive(other))
    }

    @Test func `a container that ended meanwhile has its code on file`() async throws {
        let specification = try self.fixture.specification("exit 23")
        let first = try await self.fixture.launcher.launch(specification)
        _ = await first.exit
        guard
            case .exited(let exit) = await self.fixture.launcher.adopt(
                specification.container,
                stateDirectory: specification.stateDirectory
            )
        else {
            Issue.record("it was not found")
            return
        }
        #expect(exit.code == 23)
    }

    @Test func `a supervisor that was killed takes the script along, and the rest is found by its mark`() async throws {
        let specification = try self.fixture.specification(
            """
            (setsid bash -c 'echo $$ > escaped; exec sleep 1000' &)
            (setsid env -i bash -c 'echo $$ > unmarked; exec sleep 1000' &)
            until [ -s escaped ] && [ -s unmarked ]; do sleep 0.01; done
            echo $$ > ready
            sleep 1000
            """
        )
        let process = try await self.fixture.launcher.launch(specification)
        try await eventually { number(in: "\(specification.workDirectory)/ready") != nil }
        #expect(process.supervisor.send(SIGKILL))
        let exit = await process.exit
        #expect(exit.code == nil)
        #expect(exit.message?.hasPrefix("the container's supervisor was killed") == true)
        #expect(!process.script.isRunning)
        #expect(!isAlive(try #require(number(in: "\(specification.workDirectory)/escaped"))))
        // What hid its environment and left the session is beyond reach without control groups; it must not stay.
        if let hidden = number(in: "\(specification.workDirectory)/unmarked") { kill(hidden, SIGKILL) }
    }

    @Test func `a supervisor that is killed while nobody watches takes the script along`() async throws {
        let specification = try self.fixture.specification("echo > ready; exec sleep 1000")
        try await self.launchAndLeave(specification)
        try await eventually { ContainerFixture.read("\(specification.workDirectory)/ready") != nil }
        let file = ContainerStateFile(specification)
        let processes = try #require(file.readProcesses())
        #expect(processes.supervisor.send(SIGKILL))
        try await eventually { !processes.script.isRunning }
        processes.script.send(SIGKILL)
    }

    @Test func `leftovers are ended without a supervisor to ask`() async throws {
        let specification = try self.fixture.specification(
            "(setsid bash -c 'echo $$ > escaped; trap \"\" TERM; sleep 1000; :' &)\nsleep 1000"
        )
        try await self.launchAndLeave(specification)
        try await eventually { number(in: "\(specification.workDirectory)/escaped") != nil }
        let left = await self.fixture.launcher.endLeftovers(
            of: specification.container,
            stateDirectory: specification.stateDirectory
        )
        #expect(left.isEmpty)
        #expect(!isAlive(try #require(number(in: "\(specification.workDirectory)/escaped"))))
    }

    @Test func `a container without files is unknown, and a stranger with its number is left alone`() async throws {
        let container = ContainerFixture.container(9)
        let folder = self.fixture.folder
        if case .unknown = await self.fixture.launcher.adopt(container, stateDirectory: folder) {
        } else {
            Issue.record("a container without files was found")
        }
        // The test's own number with another start time: whoever has the number now is not the container.
        let text = "\(getpid()) 1 \(getpid()) 1 -\n"
        try ContainerFixture.write(text, to: "\(folder)/\(container).pid")
        if case .exited(let exit) = await self.fixture.launcher.adopt(container, stateDirectory: folder) {
            #expect(exit.code == nil)
        } else {
            Issue.record("a stranger was adopted")
        }
    }

    @Test func `a process file from before the machine's last start is not believed`() throws {
        let container = ContainerFixture.container(10)
        let file = ContainerStateFile(container: container, stateDirectory: self.fixture.folder)
        let own = try #require(ProcessStatus.read(getpid()))
        let numbers = "\(own.number) \(own.startTicks) \(own.number) \(own.startTicks)"
        try ContainerFixture.write("\(numbers) 00000000-0000-0000-0000-000000000000\n", to: file.path)
        #expect(file.readProcesses() == nil)
        try ContainerFixture.write("\(numbers) -\n", to: file.path)
        #expect(file.readProcesses()?.script == own.identity)
    }

    @Test func `a supervisor that was killed before it started anything has left a container that never ran`()
        async throws
    {
        let container = ContainerFixture.container(11)
        let file = ContainerStateFile(container: container, stateDirectory: self.fixture.folder)
        let room = String(repeating: " ", count: 127) + "\n" + String(repeating: " ", count: 512)
        try ContainerFixture.write(room, to: file.path)
        #expect(file.readProcesses() == nil)
        #expect(file.readExit() == nil)
        if case .unknown = await self.fixture.launcher.adopt(container, stateDirectory: self.fixture.folder) {
        } else {
            Issue.record("a container that never ran was found")
        }
    }
}
