import ClusterModel
import Foundation
import Logging
import Synchronization
import TestSupport
import Testing

@testable import ResourceManager

@Suite struct TopologyTests {
    private let folder: TemporaryFolder

    init() throws {
        self.folder = try TemporaryFolder()
    }

    /// A program that notes its arguments, waits for the file `go`, and answers each host with a rack of its own name.
    private func script() throws -> String {
        let path = self.folder.file("topology")
        let text = """
            #!/bin/sh
            echo "$@" >> "\(self.folder.path)/asked"
            while [ ! -e "\(self.folder.path)/go" ]; do sleep 0.02; done
            for host in "$@"; do echo "/rack-$host"; done
            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
        return path
    }

    private var asked: [String] {
        let text = (try? String(contentsOfFile: self.folder.file("asked"), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    @Test func `hosts that ask during a run share the next ones, each as long as the arguments may be`() async throws {
        let topology = Topology(
            script: try self.script(),
            argumentsMaximum: 3,
            patience: patience * 10,
            logger: Logger(label: "test")
        )
        let racks = Mutex<[String: String]>([:])
        func ask(_ host: String) {
            topology.rack(of: host) { rack in racks.withLock { $0[host] = rack } }
        }
        ask("n1")
        try await eventually { self.asked == ["n1"] }
        for number in 2...6 { ask("n\(number)") }
        try Data().write(to: URL(fileURLWithPath: self.folder.file("go")))
        try await eventually { racks.withLock { $0.count } == 6 }
        #expect(self.asked == ["n1", "n2 n3 n4", "n5 n6"])
        #expect(racks.withLock { $0["n6"] } == "/rack-n6")
        // A known host needs no run, and what is no host reaches no program.
        ask("n2")
        ask("-x")
        #expect(racks.withLock { $0["-x"] } == defaultRack)
        #expect(self.asked.count == 3)
    }
}
