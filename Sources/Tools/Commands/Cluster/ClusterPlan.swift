import ApplicationMaster

/// What a cluster on this machine consists of: sizes and ports. Remembered in its folder, so that it comes back the same.
package struct ClusterPlan: Sendable, Hashable {
    package var nodes: Int
    /// Of each node, for containers, in MiB.
    package var memoryMiB: Int
    /// Of each node, for containers.
    package var vcores: Int
    /// The first of `portCount` ports in a row.
    package var firstPort: Int

    package init(nodes: Int, memoryMiB: Int, vcores: Int, firstPort: Int) {
        self.nodes = nodes
        self.memoryMiB = memoryMiB
        self.vcores = vcores
        self.firstPort = firstPort
    }

    /// Node k is 127.0.0.(k+1); one byte of the address counts them.
    package static let nodeCountMaximum = 250
    /// The ResourceManager's five ports and three more that every node has on its own address, beside one of those five numbers.
    package static let portCount = 8

    package static let resourceManagerHost = "127.0.0.1"

    /// `yarn.resourcemanager.address`
    package var clientPort: Int { self.firstPort }
    package var schedulerPort: Int { self.firstPort + 1 }
    package var resourceTrackerPort: Int { self.firstPort + 2 }
    package var adminPort: Int { self.firstPort + 3 }
    package var webPort: Int { self.firstPort + 4 }
    package var nodePort: Int { self.firstPort + 5 }
    package var nodeWebPort: Int { self.firstPort + 6 }
    package var nodeLocalizerPort: Int { self.firstPort + 7 }
    /// `heddle.shuffle.port`: the number of the client port, which on a node's address is free.
    package var nodeShufflePort: Int { self.firstPort }

    /// The address of node `number`, counted from 1.
    package func host(ofNode number: Int) -> String { "127.0.0.\(number + 1)" }

    /// Every address that must be free.
    package var addresses: [(host: String, port: Int)] {
        var addresses = (0..<5).map { (Self.resourceManagerHost, self.firstPort + $0) }
        for node in 1...max(1, self.nodes) {
            addresses += (5..<Self.portCount).map { (self.host(ofNode: node), self.firstPort + $0) }
            addresses.append((self.host(ofNode: node), self.nodeShufflePort))
        }
        return addresses
    }

    /// Where the search for free ports starts: a number that depends on the folder only, below the ports that the
    /// kernel hands out, so that a cluster in the same folder mostly comes back on the same ports.
    package static func preferredFirstPort(directory: String) -> Int {
        var hash: UInt32 = 2_166_136_261
        for byte in directory.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return Self.lowestPort + Int(hash % UInt32(Self.blockCount)) * Self.portCount
    }

    /// The block after this one, wrapping around.
    package static func nextFirstPort(after port: Int) -> Int {
        let next = port + Self.portCount
        return next >= Self.lowestPort + Self.blockCount * Self.portCount ? Self.lowestPort : next
    }

    package static let blockCount = 1400
    /// 20000 to 31199: above the ports of well-known services, below Linux's ephemeral ones (32768).
    private static let lowestPort = 20_000

    /// The form that is remembered in the folder.
    package var text: String {
        "nodes=\(self.nodes)\nmemory-mib=\(self.memoryMiB)\nvcores=\(self.vcores)\nfirst-port=\(self.firstPort)\n"
    }

    /// Reads `text`; nil when something is missing or out of range.
    package init?(text: String) {
        var values: [Substring: Int] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=")
            guard parts.count == 2, let value = Int(parts[1]) else { return nil }
            values[parts[0]] = value
        }
        guard let nodes = values["nodes"], (1...Self.nodeCountMaximum).contains(nodes),
            let memory = values["memory-mib"], memory > 0,
            let vcores = values["vcores"], vcores > 0,
            let port = values["first-port"], (1024...65_000).contains(port)
        else { return nil }
        self.init(nodes: nodes, memoryMiB: memory, vcores: vcores, firstPort: port)
    }

    /// Reads an amount of memory: `8g`, `512m`, `2048` (MiB).
    package static func memoryMiB(_ text: String) -> Int? {
        EngineProperties.mebibytes(text).flatMap { $0 > Int64(Int32.max) ? nil : Int($0) }
    }
}
