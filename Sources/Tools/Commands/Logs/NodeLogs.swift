import ClusterModel
import FoundationEssentials
import Staging

/// The logs of containers on one NodeManager, over its REST.
struct NodeLogs: Sendable {
    /// A file of a container's log folder.
    struct File: Sendable, Equatable {
        var name: String
        var length: Int64
        var changed: String
    }

    /// What the NodeManager says of a container.
    enum State: Sendable, Equatable {
        case running
        case ended
        /// It does not know it, or no longer.
        case unknown
    }

    /// Why a NodeManager gives nothing.
    enum Failure: Error, CustomStringConvertible {
        /// It may answer later.
        case noAnswer(String)
        /// It refuses.
        case refused(status: Int, String)

        var description: String {
            switch self {
            case .noAnswer(let text): text
            case .refused(let status, let text): "HTTP error code: \(status), Server response:\n\(text)"
            }
        }
    }

    /// `host:port` of its web port.
    let address: String
    /// Who asks.
    let user: String
    private let transfers: Transfers
    private let threads: BlockingThreads
    private let host: String
    private let port: Int?

    /// - Parameter address: `host:port`, with or without a scheme before it.
    init(address: String, user: String, transfers: Transfers, threads: BlockingThreads) {
        let bare = address.split(separator: "/").last.map(String.init) ?? address
        self.address = bare
        let parts = bare.split(separator: ":")
        self.port = parts.count > 1 ? parts.last.flatMap { Int($0) } : nil
        self.host = parts.count > 1 ? parts.dropLast().joined(separator: ":") : bare
        self.user = user
        self.transfers = transfers
        self.threads = threads
    }

    /// The files of a container; nil when the NodeManager has none.
    func files(of container: ContainerID) async throws -> [File]? {
        let reply = try await self.ask("containers/\(container)/logs")
        guard reply.status != 404 else { return nil }
        let body = try Self.body(of: reply)
        guard let listing = try? JSONDecoder().decode(Listing.self, from: Data(body)) else {
            throw Failure.refused(status: reply.status, "no list of log files")
        }
        return listing.files
    }

    func state(of container: ContainerID) async throws -> State {
        let reply = try await self.ask("containers/\(container)")
        guard reply.status != 404 else { return .unknown }
        guard let answer = try? JSONDecoder().decode(ContainerAnswer.self, from: Data(try Self.body(of: reply))) else {
            throw Failure.refused(status: reply.status, "no state of a container")
        }
        return answer.container.state == "DONE" ? .ended : .running
    }

    /// A part of a log.
    /// - Returns: nil when there is no such file, or nothing at that place.
    func bytes(_ file: String, of container: ContainerID, _ part: Range<Int64>) async throws -> [UInt8]? {
        let reply = try await self.ask(
            "containerlogs/\(container)/\(file)",
            query: [("format", "octet-stream")],
            part: part
        )
        if reply.status == 404 || reply.status == 416 { return nil }
        let body = try Self.body(of: reply)
        // A server that does not know parts sends all.
        guard reply.status == 206 else {
            throw Failure.refused(status: reply.status, "the NodeManager does not hand out parts of logs")
        }
        return body
    }

    private func ask(
        _ path: String,
        query: [(String, String)] = [],
        part: Range<Int64>? = nil
    ) async throws -> WebReply {
        let location = ResourceLocation(scheme: "http", host: self.host, port: self.port, path: "/ws/v1/node/\(path)")
        let words = query + [("user.name", self.user)]
        let transfers = self.transfers
        do {
            return try await self.threads.run { cancellation throws(TransferFailure) in
                try transfers.ask(location, query: words, part: part, cancellation: cancellation)
            }
        } catch {
            throw Failure.noAnswer("\(error)")
        }
    }

    private static func body(of reply: WebReply) throws -> [UInt8] {
        switch reply.status {
        case 200..<300: return reply.body
        case 500...: throw Failure.noAnswer("HTTP error code: \(reply.status)")
        default:
            throw Failure.refused(status: reply.status, String(decoding: reply.body.prefix(4_096), as: UTF8.self))
        }
    }

    // The names are YARN's.
    private struct ContainerAnswer: Decodable {
        struct Container: Decodable { var state: String }
        var container: Container
    }

    /// What is one alone is no list in some versions.
    private struct OneOrMore<Item: Decodable>: Decodable {
        var items: [Item]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let items = try? container.decode([Item].self) {
                self.items = items
            } else {
                self.items = [try container.decode(Item.self)]
            }
        }
    }

    private struct Listing: Decodable {
        struct Info: Decodable {
            struct Entry: Decodable {
                var fileName: String
                var fileSize: String
                var lastModifiedTime: String?
            }
            var containerLogInfo: OneOrMore<Entry>?
            var logAggregationType: String?
        }
        var containerLogsInfo: OneOrMore<Info>

        /// Those on the node itself.
        var files: [File] {
            self.containerLogsInfo.items.filter { $0.logAggregationType != "AGGREGATED" }
                .flatMap { $0.containerLogInfo?.items ?? [] }
                .map { File(name: $0.fileName, length: Int64($0.fileSize) ?? 0, changed: $0.lastModifiedTime ?? "N/A") }
        }
    }
}
