import ClusterModel
import Foundation
import Logging
import NIOPosix
import Synchronization

/// Hosts to racks, as the administrator's program answers (`net.topology.script.file.name`).
///
/// The program gets host names as arguments, never through a shell, and prints one rack path for each. Answers are
/// remembered; a program that fails or answers nonsense places the host in the default rack and is asked again when the
/// node registers again.
final class Topology: Sendable {
    private let script: String?
    private let logger: Logger
    private let known = Mutex<[String: String]>([:])

    /// Hosts remembered at one time.
    private static let countMaximum = 100_000
    /// A program that takes longer is ended.
    private static let patience = Duration.seconds(10)

    init(script: String?, logger: Logger) {
        self.script = script
        self.logger = logger
    }

    /// Calls `then` with the rack of a host: at once where it is known, else from a thread that ran the program.
    func rack(of host: String, then: @escaping @Sendable (String) -> Void) {
        // A name that is none is refused when the registration is read; it does not reach the program.
        guard let script = self.script, NodeID("\(host):0") != nil, !host.hasPrefix("-") else {
            then(defaultRack)
            return
        }
        if let rack = self.known.withLock({ $0[host] }) {
            then(rack)
            return
        }
        NIOThreadPool.singleton.submit { state in
            guard state == .active, let rack = self.ask(script, host) else {
                then(defaultRack)
                return
            }
            self.known.withLock { known in
                if known.count >= Self.countMaximum {
                    known = [:]
                }
                known[host] = rack
            }
            then(rack)
        }
    }

    private func ask(_ script: String, _ host: String) -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: script)
        process.arguments = [host]
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
        let seconds = Double(Self.patience / .seconds(1))
        let watchdog = DispatchWorkItem { process.terminate() }
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds, execute: watchdog)
        let answer = (try? output.fileHandleForReading.read(upToCount: Self.answerLengthMaximum)) ?? Data()
        process.waitUntilExit()
        watchdog.cancel()
        let rack = String(decoding: answer, as: UTF8.self).split(whereSeparator: \.isWhitespace).first.map(String.init)
        guard process.terminationStatus == 0, let rack, rack.hasPrefix("/") else {
            self.logger.error(
                "The topology script \(script) gave no rack for \(host) (exit status \(process.terminationStatus)); the host counts as in \(defaultRack)."
            )
            return nil
        }
        return rack
    }

    private static let answerLengthMaximum = 4096
}
