import ClusterModel
import Foundation
import Logging
import NIOPosix
import Synchronization

/// Hosts to racks, as the administrator's program answers (`net.topology.script.file.name`).
///
/// The program gets host names as arguments, never through a shell, and prints one rack path for each. One run of it is
/// under way at a time; hosts that ask meanwhile share the next, up to `net.topology.script.number.args` of them. Answers
/// are remembered; a program that fails or answers nonsense places its hosts in the default rack and is asked again when
/// they register again.
final class Topology: Sendable {
    typealias Completion = @Sendable (String) -> Void

    private let script: String?
    private let argumentsMaximum: Int
    private let patience: Duration
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        var known: [String: String] = [:]
        /// In the order in which they asked.
        var waiting: [(host: String, then: Completion)] = []
        var isAsking = false
    }

    /// Hosts remembered at one time.
    private static let countMaximum = 100_000

    /// - Parameters:
    ///   - argumentsMaximum: hosts handed to one run.
    ///   - patience: a program that takes longer is ended.
    init(script: String?, argumentsMaximum: Int, patience: Duration = .seconds(10), logger: Logger) {
        self.script = script
        self.argumentsMaximum = max(1, argumentsMaximum)
        self.patience = patience
        self.logger = logger
    }

    /// Calls `then` with the rack of a host: at once where it is known, else from a thread that ran the program.
    func rack(of host: String, then: @escaping Completion) {
        // A name that is none is refused when the registration is read; it does not reach the program.
        guard let script = self.script, NodeID("\(host):0") != nil, !host.hasPrefix("-") else {
            then(defaultRack)
            return
        }
        let (rack, mustAsk) = self.state.withLock { state -> (String?, Bool) in
            if let rack = state.known[host] { return (rack, false) }
            state.waiting.append((host, then))
            defer { state.isAsking = true }
            return (nil, !state.isAsking)
        }
        if let rack { then(rack) }
        guard mustAsk else { return }
        NIOThreadPool.singleton.submit { _ in self.askForAll(script) }
    }

    /// Runs the program until nobody waits.
    private func askForAll(_ script: String) {
        while let batch = self.nextBatch() {
            var hosts: [String] = []
            for (host, _) in batch where !hosts.contains(host) { hosts.append(host) }
            let racks = self.ask(script, hosts) ?? [:]
            self.state.withLock { state in
                if state.known.count + racks.count > Self.countMaximum { state.known = [:] }
                state.known.merge(racks) { _, new in new }
            }
            for (host, then) in batch { then(racks[host] ?? defaultRack) }
        }
    }

    private func nextBatch() -> [(host: String, then: Completion)]? {
        self.state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isAsking = false
                return nil
            }
            let batch = Array(state.waiting.prefix(self.argumentsMaximum))
            state.waiting.removeFirst(batch.count)
            return batch
        }
    }

    private func ask(_ script: String, _ hosts: [String]) -> [String: String]? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: script)
        process.arguments = hosts
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        do {
            try process.run()
        } catch {
            self.logger.error("The topology script \(script) cannot be run: \(error.localizedDescription)")
            return nil
        }
        let seconds = Double(self.patience / .seconds(1))
        let watchdog = DispatchWorkItem { process.terminate() }
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds, execute: watchdog)
        let limit = hosts.count * Self.rackLengthMaximum
        let answer = (try? output.fileHandleForReading.read(upToCount: limit)) ?? Data()
        process.waitUntilExit()
        watchdog.cancel()
        let racks = String(decoding: answer, as: UTF8.self).split(whereSeparator: \.isWhitespace).map(String.init)
        guard process.terminationStatus == 0, racks.count == hosts.count, racks.allSatisfy({ $0.hasPrefix("/") }) else {
            self.logger.error(
                "The topology script \(script) gave no rack for each of \(hosts.joined(separator: " ")) (exit status \(process.terminationStatus)); they count as in \(defaultRack)."
            )
            return nil
        }
        return Dictionary(zip(hosts, racks)) { first, _ in first }
    }

    private static let rackLengthMaximum = 4096
}
