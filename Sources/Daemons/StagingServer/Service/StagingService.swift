import HadoopHTTP
import Logging
import NIOPosix
import Staging
import StagingCore

/// WebHDFS: the paths below `/webhdfs/v1`.
struct StagingService: Sendable {
    let driver: StagingDriver
    let callers: StagingCallers
    let hosts: HostGuard
    /// Threads for calls on files, which block.
    let files: FileThreads
    /// Whether GETDELEGATIONTOKEN gives tokens out.
    let issuesTokens: Bool
    let logger: Logger

    var threads: NIOThreadPool { self.files.pool }
    var tokens: TokenService { TokenService(driver: self.driver) }

    static let root = ["webhdfs", "v1"]

    /// Whether a request brings a file's bytes.
    static func isUpload(method: String, target: String) -> Bool {
        guard method == "PUT" || method == "POST", target.hasPrefix("/webhdfs/v1/") else { return false }
        let bytes = target.utf8
        guard var item = bytes.firstIndex(of: UInt8(ascii: "?")) else { return false }
        while item < bytes.endIndex {
            let next = bytes[bytes.index(after: item)...]
            let value = next.dropFirst(Self.dataItem.count).prefix(4)
            if next.starts(with: Self.streamItem) { return true }
            if next.starts(with: Self.dataItem), value.elementsEqual("true".utf8, by: { $0 | 0x20 == $1 }) {
                return true
            }
            item = next.firstIndex(of: UInt8(ascii: "&")) ?? bytes.endIndex
        }
        return false
    }

    // Compared byte by byte: a port asks this of every request.
    private static let streamItem = Array("\(OwnParameters.stream)=".utf8)
    private static let dataItem = Array("\(OwnParameters.data)=".utf8)

    func answer(_ request: WebRequest) async -> WebAnswer {
        do {
            try self.hosts.check(request)
            if request.method != .get { try self.hosts.checkOrigin(request) }
            return try await self.route(request)
        } catch let failure as RESTFailure {
            return .failure(failure, as: .json)
        } catch let refusal as StagingRefusal {
            return .failure(RESTFailure(refusal), as: .json)
        } catch is WebBodyCutOff {
            self.logger.info("\(request.peerAddress) broke off while sending \(request.rawPath.prefix(1_024))")
            return .failure(.http(400, "The body broke off."), as: .json)
        } catch is StagingDown {
            return .failure(.down, as: .json)
        } catch {
            self.logger.error("cannot answer \(request.method.rawValue) \(request.rawPath.prefix(1_024)): \(error)")
            return .failure(
                RESTFailure(status: 500, javaClassName: "java.io.IOException", message: "\(error)"),
                as: .json
            )
        }
    }

    private func route(_ request: WebRequest) async throws -> WebAnswer {
        guard request.segments.prefix(2) == Self.root[...] else {
            if request.segments.isEmpty, request.method == .get { return .text("Heddle's staging server.\n") }
            throw RESTFailure.http(404, "\(request.rawPath.prefix(1_024)) is not here; files are below /webhdfs/v1.")
        }
        var path = StagingPath.root
        for segment in request.segments.dropFirst(2) { path = path.appending(try EntryName(segment)) }
        // The depth is checked by the same rule as in parameters.
        path = try StagingPath(path.description)
        let (caller, realUser) = try await self.callers.caller(of: request, self.tokens)
        let call = StagingCall(
            service: self,
            request: request,
            path: path,
            parameters: StagingParameters(query: request.query),
            caller: caller,
            realUser: realUser
        )
        let operation = (request.query.first("op") ?? "").uppercased()
        let answer =
            switch request.method {
            case .get: try await call.get(operation)
            case .put: try await call.put(operation)
            case .post: try await call.post(operation)
            case .delete: try await call.delete(operation)
            case .head, .options: nil as WebAnswer?
            }
        guard let answer else {
            throw RESTFailure.parameter("op", "No operation \(operation.prefix(64)) for \(request.method.rawValue).")
        }
        return answer
    }
}

/// One call and what it is about.
struct StagingCall: Sendable {
    let service: StagingService
    var request: WebRequest
    let path: StagingPath
    let parameters: StagingParameters
    let caller: Caller
    /// Who acts for the caller; nil for the caller.
    let realUser: String?

    var driver: StagingDriver { self.service.driver }

    /// As Hadoop's client reads it.
    static func json(_ root: String, _ content: RESTObject) -> WebAnswer {
        .document(RESTDocument(root, content), as: .json)
    }

    static func json(_ root: String, _ value: RESTValue) -> WebAnswer {
        var object = RESTObject()
        object.add(root, value)
        return .document(RESTDocument("", object, isUnwrapped: true), as: .json)
    }

    static let empty = WebAnswer(
        status: 200,
        headers: WebAnswer.hadoopHeaders + [WebHeader("Content-Type", "application/octet-stream")]
    )

    /// DELETE.
    func delete(_ operation: String) async throws -> WebAnswer? {
        switch operation {
        case "DELETE":
            let (path, caller) = (self.path, self.caller)
            let recursive = try self.parameters.flag("recursive", default: false)
            let wasThere = try await self.driver.step { namespace, now in
                try namespace.delete(path, recursive: recursive, by: caller, at: now)
            }
            return Self.json("boolean", .boolean(wasThere))
        case "DELETESNAPSHOT": throw RESTFailure.unsupported("There are no snapshots here.")
        default: return nil
        }
    }
}
