import ClusterModel
import NodeManagerCore
import Testing

@Suite struct ContainerTests {
    private let first = Fixture.container(1)

    @Test func `a container without resources is launched by the step that accepts it`() {
        var node = Fixture()
        let reply = node.start([Fixture.containerStart(1)])
        #expect(reply.succeeded == [self.first])
        #expect(node.launches.map(\.container) == [self.first])
        #expect(
            node.effects.records.contains {
                if case .containerAccepted(self.first, _, _, _) = $0 { true } else { false }
            }
        )
    }

    @Test func `its end is told at once, with its exit code, and until it is acknowledged`() {
        var node = Fixture()
        node.running(Fixture.containerStart(1))
        node.step(.containerEnded(self.first, ContainerEnd(exitCode: 0)))
        #expect(node.heartbeats.count == 1)
        #expect(node.heartbeats.first?.containers.first?.state == .complete)
        #expect(node.heartbeats.first?.containers.first?.exitStatus == .success)
        node.answerHeartbeat()
        #expect(node.status(1)?.state == .complete)
        node.wait(milliseconds: 1_000)
        #expect(node.heartbeats.first?.containers.first?.state == .complete)
        node.answerHeartbeat { $0.containersToForget = [self.first] }
        #expect(node.status(1) == nil)
        #expect(node.effects.records.contains(.containerRemoved(self.first)))
    }

    @Test func `two ends during one heartbeat make one more heartbeat`() {
        var node = Fixture()
        for number in 1...3 { node.running(Fixture.containerStart(Int64(number))) }
        node.step(.containerEnded(Fixture.container(1), ContainerEnd(exitCode: 0)))
        #expect(node.heartbeats.count == 1)
        node.step(.containerEnded(Fixture.container(2), ContainerEnd(exitCode: 0)))
        #expect(node.heartbeats.isEmpty)
        node.step(.containerEnded(Fixture.container(3), ContainerEnd(exitCode: 0)))
        #expect(node.heartbeats.isEmpty)
        node.answerHeartbeat { $0.responseID = 2 }
        #expect(node.heartbeats.map(\.responseID) == [2])
        #expect(node.heartbeats.first?.containers.filter { $0.state == .complete }.count == 3)
    }

    @Test func `an end during a heartbeat is told before its container is forgotten`() {
        var node = Fixture()
        for number in 1...2 { node.running(Fixture.containerStart(Int64(number))) }
        node.step(.containerEnded(Fixture.container(2), ContainerEnd(exitCode: 0)))
        #expect(node.heartbeats.count == 1)
        node.step(.containerEnded(self.first, ContainerEnd(exitCode: 0)))
        // The answer is to a heartbeat that said that it runs.
        node.answerHeartbeat {
            $0.responseID = 2
            $0.containersToForget = [self.first]
            $0.applicationsToCleanUp = [Fixture.application]
        }
        let told = node.heartbeats.first?.containers.first { $0.container == self.first }
        #expect(told?.state == .complete)
        #expect(node.status(1)?.state == .complete)
        node.step(.heartbeatFailed("lost"))
        #expect(node.status(1)?.state == .complete)
        node.wait(milliseconds: 1_000)
        #expect(node.heartbeats.first?.containers.first { $0.container == self.first }?.state == .complete)
        node.answerHeartbeat { $0.responseID = 3 }
        #expect(node.status(1) == nil)
    }

    @Test func `a stop sends TERM, after the delay KILL, once, and names who asked`() {
        var node = Fixture()
        node.running(Fixture.containerStart(1))
        node.step(.stopRequested(RequestID(99), [self.first], caller: Fixture.attempt))
        #expect(node.actions == [.signal(self.first, .terminate)])
        node.wait(milliseconds: 249)
        #expect(!node.actions.contains(.signal(self.first, .kill)))
        node.wait(milliseconds: 1)
        #expect(node.actions.contains(.signal(self.first, .kill)))
        node.wait(milliseconds: 500)
        #expect(!node.actions.contains(.signal(self.first, .kill)))
        node.step(.containerEnded(self.first, ContainerEnd(exitCode: 137)))
        let status = node.status(1)
        #expect(status?.exitStatus == .killedByApplicationMaster)
        #expect(status?.diagnostics.contains("Container killed by the ApplicationMaster.") == true)
        #expect(status?.diagnostics.contains("Container killed on request. Exit code is 137") == true)
    }

    @Test func `a stop while localizing starts no process and frees the download for others`() {
        var node = Fixture()
        _ = node.start([Fixture.containerStart(1, resources: [Fixture.resource("/data/a")])])
        let download = node.downloads[0]
        node.step(.stopRequested(RequestID(99), [self.first], caller: Fixture.attempt))
        #expect(node.status(1)?.state == .complete)
        #expect(node.status(1)?.exitStatus == .killedByApplicationMaster)
        node.step(.resourceLocalized(download.ticket, LocalizedFile(sizeBytes: 10)))
        #expect(node.launches.isEmpty)
    }

    @Test func `a stop while launching waits for the launch and signals then`() {
        var node = Fixture()
        _ = node.start([Fixture.containerStart(1)])
        node.step(.stopRequested(RequestID(99), [self.first], caller: Fixture.attempt))
        #expect(node.actions.isEmpty)
        node.step(.containerLaunched(self.first, process: 9))
        #expect(node.actions.contains(.signal(self.first, .terminate)))
    }

    @Test func `a failed launch ends the container with its text`() {
        var node = Fixture()
        _ = node.start([Fixture.containerStart(1)])
        node.step(.containerLaunchFailed(self.first, .failed("cannot open /local: No space left on device")))
        #expect(node.status(1)?.exitStatus == .invalid)
        #expect(node.status(1)?.diagnostics.contains("No space left on device") == true)
    }

    @Test func `a failure tells exit code, meaning and the ends of the files`() {
        var node = Fixture()
        node.running(Fixture.containerStart(1))
        let tails = [
            FileTail(name: "prelaunch.err", text: ""),
            FileTail(name: "stderr", text: "bash: nosuch: command not found"),
        ]
        node.step(.containerEnded(self.first, ContainerEnd(exitCode: 127, logs: LogTails(files: tails))))
        let text = node.status(1)?.diagnostics ?? ""
        #expect(node.status(1)?.exitStatus == ContainerExitStatus(code: 127))
        #expect(
            text.hasPrefix("[2023-11-14 22:13:20.000]Exception from container-launch.\nContainer id: \(self.first)\n")
        )
        #expect(text.contains("Exit code: 127\n"))
        #expect(text.contains("was not found"))
        #expect(text.contains("Container exited with a non-zero exit code 127. Error file: prelaunch.err.\n"))
        #expect(text.contains("Last 4096 bytes of stderr :\nbash: nosuch: command not found"))
    }

    @Test func `who asked for the signal that ended it is said`() {
        var node = Fixture()
        node.running(Fixture.containerStart(1))
        node.running(Fixture.containerStart(2))
        node.step(.signalRequested(RequestID(5), self.first, .forcefulShutdown, caller: Fixture.attempt))
        node.answerHeartbeat {
            $0.signals = [ContainerSignalRequest(container: Fixture.container(2), command: .gracefulShutdown)]
        }
        node.step(.containerEnded(self.first, ContainerEnd(exitCode: 137)))
        node.step(.containerEnded(Fixture.container(2), ContainerEnd(exitCode: 143)))
        let texts = [1, 2].map { node.status($0)?.diagnostics ?? "" }
        #expect(texts[0].contains("The last signal sent to it was FORCEFUL_SHUTDOWN by its ApplicationMaster."))
        #expect(texts[1].contains("The last signal sent to it was GRACEFUL_SHUTDOWN by the ResourceManager."))
    }

    @Test func `a signal that nobody here sent is said so`() {
        var node = Fixture()
        node.running(Fixture.containerStart(1))
        node.step(.containerEnded(self.first, ContainerEnd(exitCode: 137)))
        #expect(node.status(1)?.exitStatus == ContainerExitStatus(code: 137))
        #expect(node.status(1)?.diagnostics.contains("SIGKILL), which this NodeManager did not send") == true)
    }

    @Test func `an unknown exit code is LOST`() {
        var node = Fixture()
        node.running(Fixture.containerStart(1))
        node.step(.containerEnded(self.first, ContainerEnd(exitCode: nil)))
        #expect(node.status(1)?.exitStatus == .lost)
    }

    @Test func `diagnostics keep their end within the limit`() {
        var node = Fixture { $0.diagnosticsMaximum = 100 }
        node.running(Fixture.containerStart(1))
        let tail = FileTail(name: "stderr", text: String(repeating: "ä", count: 500) + "the end")
        node.step(.containerEnded(self.first, ContainerEnd(exitCode: 1, logs: LogTails(files: [tail]))))
        let text = node.status(1)?.diagnostics ?? ""
        #expect(text.utf8.count <= 100)
        #expect(text.hasSuffix("the end\n"))
    }

    @Test func `work and private folders go when the container has ended, logs stay`() {
        var node = Fixture()
        node.running(Fixture.containerStart(1))
        node.step(.containerEnded(self.first, ContainerEnd(exitCode: 0)))
        let application = "\(Fixture.application)"
        #expect(
            node.deleted == [
                "/local/usercache/alice/appcache/\(application)/\(self.first)",
                "/local/nmPrivate/\(application)/\(self.first)",
            ]
        )
    }

    @Test func `the deletion delay keeps them for as long`() {
        var node = Fixture { $0.deletionDelay = .seconds(60) }
        node.running(Fixture.containerStart(1))
        node.step(.containerEnded(self.first, ContainerEnd(exitCode: 0)))
        #expect(node.deleted.isEmpty)
        node.wait(milliseconds: 59_999)
        #expect(node.deleted.isEmpty)
        node.wait(milliseconds: 1)
        #expect(node.deleted.count == 2)
    }

    @Test func `the same events give the same effects`() {
        func history() -> [Effects] {
            var node = Fixture()
            var all: [Effects] = []
            for number in 1...20 {
                _ = node.start([
                    Fixture.containerStart(
                        Int64(number),
                        environment: [EnvironmentVariable("A", "$B"), EnvironmentVariable("B", "1")],
                        resources: [Fixture.resource("/r\(number % 3)", .public)]
                    )
                ])
                all.append(node.effects)
                for download in node.downloads {
                    node.step(.resourceLocalized(download.ticket, LocalizedFile(sizeBytes: 1)))
                    all.append(node.effects)
                }
            }
            node.answerHeartbeat { $0.applicationsToCleanUp = [Fixture.application] }
            all.append(node.effects)
            return all
        }
        #expect(history() == history())
    }
}
