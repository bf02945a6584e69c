import ClusterModel
import HadoopHTTP
import NIOCore
import NodeManagerCore

// Log files over REST.
extension NodeResource {
    func addLogRoutes(to routes: inout WebRoutes, base: String) {
        routes.add(.get, "\(base)/containers/{container}/logs") { request, path in
            try await self.logListing(request, path)
        }
        for pattern in ["\(base)/containers/{container}/logs/{file}", "\(base)/containerlogs/{container}/{file}"] {
            routes.add(.get, pattern) { request, path in try await self.logFile(request, path) }
        }
    }

    private func logListing(_ request: WebRequest, _ path: PathParameters) async throws -> WebAnswer {
        let id = try Self.containerID(path["container"])
        do {
            try await self.checkView(of: id, by: request)
        } catch let refusal as LogAccess.Refusal {
            if case .unknownContainer = refusal, let answer = self.logServer?.redirectToService(request, container: id)
            {
                return answer
            }
            throw refusal.status == 404 ? RESTFailure.notFound(refusal.text) : RESTFailure.forbidden(refusal.text)
        }
        let files = try await self.logFiles(of: id)
        guard files != nil || self.snapshot.container(id) != nil else {
            if let answer = self.logServer?.redirectToService(request, container: id) { return answer }
            throw Self.notFound(id)
        }
        return try request.answer(
            RESTDocument(
                "containerLogsInfo",
                ContainerLogs.rest(files ?? [], container: id, node: self.snapshot.node.node.id)
            )
        )
    }

    /// One file. As `text` it stands between Hadoop's lines about it, which `yarn logs` prints as they come; as
    /// `octet-stream` it is the bytes alone, to be kept, or read in parts (`Range`).
    private func logFile(_ request: WebRequest, _ path: PathParameters) async throws -> WebAnswer {
        let id = try Self.containerID(path["container"])
        do {
            try await self.checkView(of: id, by: request)
        } catch let refusal as LogAccess.Refusal {
            if case .unknownContainer = refusal,
                let answer = self.logServer?.redirectToService(request, container: id, file: path["file"])
            {
                return answer
            }
            throw PlainRefusal(status: refusal.status, text: refusal.text)
        }
        var size = Int64.max
        if let text = request.query.first("size") {
            guard let number = Int64(text) else { throw RESTFailure.badRequest("size is no number") }
            size = number
        }
        let isText: Bool
        switch request.query.first("format")?.lowercased() {
        case nil, "text": isText = true
        case "octet-stream": isText = false
        case .some:
            throw PlainRefusal(
                status: 400,
                text: "The valid values for the parameter : format are [text, octet-stream]"
            )
        }
        guard let file = try await self.open(path["file"], of: id) else {
            if try await self.logFiles(of: id) == nil,
                let answer = self.logServer?.redirectToService(request, container: id, file: path["file"])
            {
                return answer
            }
            throw PlainRefusal(status: 404, text: self.absence(of: id))
        }
        let part = size < 0 ? file.range(start: size) : file.range(start: 0, end: size)
        return isText
            ? self.framed(part, of: file, named: path["file"], in: id)
            : self.download(part, of: file, named: path["file"], in: id, request)
    }

    /// Why there is no such file, in Hadoop's words.
    private func absence(of container: ContainerID) -> String {
        switch self.snapshot.container(container)?.state {
        case .localizing?, .scheduled?:
            "Container is not yet running. Current state is "
                + (self.snapshot.container(container)?.state.rawValue ?? "")
        default: "Cannot find this log on the local disk."
        }
    }

    private func framed(
        _ part: Range<Int64>,
        of file: LogFile,
        named name: String,
        in container: ContainerID
    ) -> WebAnswer {
        let isRunning = [.running, .killing].contains(self.snapshot.container(container)?.state)
        let frame = LogFrame(
            container: container.description,
            node: self.snapshot.node.node.id.description,
            name: name,
            length: file.size,
            modified: file.modified
        )
        let head = part.isEmpty ? [] : Array(frame.head.utf8)
        let foot = Array(frame.foot(isRunning: isRunning).utf8)
        return WebAnswer(
            status: 200,
            headers: WebAnswer.hadoopHeaders + [WebHeader("Content-Type", "text/plain; charset=utf-8")],
            body: .stream(length: Int64(head.count + part.count + foot.count)) { writer in
                try await writer.write(ByteBuffer(bytes: head))
                try await self.copy(part, of: file, to: writer)
                try await writer.write(ByteBuffer(bytes: foot))
            }
        )
    }

    private func download(
        _ part: Range<Int64>,
        of file: LogFile,
        named name: String,
        in container: ContainerID,
        _ request: WebRequest
    ) -> WebAnswer {
        var answer = WebAnswer(
            status: 200,
            headers: WebAnswer.hadoopHeaders + [
                WebHeader("Content-Type", "application/octet-stream; charset=utf-8"),
                WebHeader("Accept-Ranges", "bytes"),
                .attachment("\(container)-\(name)"),
            ]
        )
        var wanted = part
        switch RequestedRange(request, of: Int64(part.count)) {
        case .whole: break
        case .part(let range):
            wanted = part.lowerBound + range.lowerBound..<part.lowerBound + range.upperBound
            answer.status = 206
            answer.headers.append(
                WebHeader("Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(part.count)")
            )
        case .unsatisfiable:
            answer.status = 416
            answer.headers.append(WebHeader("Content-Range", "bytes */\(part.count)"))
            return answer
        }
        let range = wanted
        answer.body = .stream(length: Int64(range.count)) { writer in
            try await self.copy(range, of: file, to: writer)
        }
        return answer
    }
}

/// The lines that Hadoop puts before and behind a log on its node.
private struct LogFrame {
    var container: String
    var node: String
    var name: String
    var length: Int64
    /// Milliseconds since the epoch.
    var modified: Int64

    var head: String {
        let title = "Container: \(self.container) on \(self.node)"
        return """
            \(title)
            LogAggregationType: LOCAL
            \(String(repeating: "=", count: title.utf8.count))
            LogType:\(self.name)
            LogLastModifiedTime:\(CalendarTime(milliseconds: self.modified).logText)
            LogLength:\(self.length)
            LogContents:

            """
    }

    func foot(isRunning: Bool) -> String {
        let end = "End of LogType:\(self.name)"
        let hint =
            isRunning
            ? "This log file belongs to a running container (\(self.container)) and so may not be complete." : ""
        return "\(end).\(hint)\n\(String(repeating: "*", count: end.utf16.count + 50))\n\n"
    }
}
