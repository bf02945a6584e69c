package import ClusterModel
package import HadoopHTTP
import HadoopWire
import NIOCore
import Staging

/// The pages of aggregated logs, below the address that Hadoop's history server has them at:
/// `/jobhistory/logs/NODE/CONTAINER/ENTITY/USER[/FILE]`.
package struct AggregatedLogPages: Sendable {
    package static let path = "/jobhistory/logs"

    private let archive: LogArchive
    private let viewers: LogViewers
    private let navigation: [HTMLPage.Link]
    /// The page of the same logs on a node that answers; nil for one that does not.
    private let nodePage: @Sendable (_ node: NodeID, ContainerID, _ user: String) -> String?
    /// Readers at one time; others wait.
    private let threads = BlockingThreads(threadsMaximum: 8)

    package init(
        archive: LogArchive,
        viewers: LogViewers,
        navigation: [HTMLPage.Link],
        nodePage: @escaping @Sendable (NodeID, ContainerID, _ user: String) -> String?
    ) {
        self.archive = archive
        self.viewers = viewers
        self.navigation = navigation
        self.nodePage = nodePage
    }

    package func addRoutes(to routes: inout WebRoutes) {
        let base = "\(Self.path)/{node}/{container}/{entity}/{user}"
        routes.add(.get, base) { request, path in try await self.listing(request, path) }
        routes.add(.get, "\(base)/{file}") { request, path in try await self.file(request, path) }
    }

    /// Where a container's logs are shown, below the address of a log server, as Hadoop makes it.
    package static func location(
        below server: String,
        node: String,
        container: ContainerID,
        user: String,
        file: String? = nil
    ) -> String {
        let base = server.hasSuffix("/") ? String(server.dropLast()) : server
        return "\(base)/\(node)/\(container)/\(container)/\(percentEncoded(user))"
            + (file.map { "/\(percentEncoded($0))" } ?? "")
    }

    // MARK: What is asked for

    private struct Question {
        var node: NodeID
        var container: ContainerID
        var entity: String
        var owner: String
        var start: Int64
        var end: Int64
        /// Milliseconds between which a file was uploaded.
        var uploaded: ClosedRange<Int64>
        var own: String

        init(_ request: WebRequest, _ path: PathParameters) throws(Refusal) {
            guard let node = NodeID(path["node"]) else {
                throw Refusal(400, "Invalid node: \(path["node"].prefix(255))")
            }
            guard let container = ContainerID(path["container"]) else {
                throw Refusal(400, "Invalid container ID: \(path["container"].prefix(255))")
            }
            func number(_ name: String, _ absent: Int64) throws(Refusal) -> Int64 {
                guard let text = request.query.first(name) else { return absent }
                guard let number = Int64(text) else {
                    throw Refusal(400, "Invalid log \(name) value: \(text.prefix(255))")
                }
                return number
            }
            self.node = node
            self.container = container
            self.entity = path["entity"]
            self.owner = path["user"]
            self.start = try number("start", -4_096)
            self.end = try number("end", .max)
            let (from, to) = (try number("start.time", 0), try number("end.time", .max))
            guard from <= to else { throw Refusal(400, "Invalid log end.time value: it lies before start.time") }
            self.uploaded = from...to
            self.own = AggregatedLogPages.location(
                below: AggregatedLogPages.path,
                node: node.description,
                container: container,
                user: path["user"]
            )
        }

        /// The part of a log that is wanted: `start` and `end` count from the end where they are negative.
        func part(of length: Int64) -> Range<Int64> {
            func position(_ value: Int64) -> Int64 { value < 0 ? max(0, length &+ value) : min(value, length) }
            let first = position(self.start)
            return first..<max(first, position(self.end))
        }
    }

    private struct Refusal: Error {
        var status: Int
        var text: HTMLText

        init(_ status: Int, _ text: HTMLText) {
            self.status = status
            self.text = text
        }
    }

    /// One log in one of the node's files.
    private struct Found {
        var file: OpenNodeFile
        var entry: AggregatedLog.Entry

        var uploaded: String {
            self.file.file.status.modificationTime.map { CalendarTime(milliseconds: $0).pageText } ?? ""
        }
    }

    private func found(_ question: Question, _ request: WebRequest) async throws -> [Found] {
        let (archive, application) = (self.archive, question.container.application)
        let (owner, container) = (question.owner, question.container.description)
        let node = question.node.description
        let files = try await self.reading {
            try archive.files(of: application, owner: owner, as: owner)?
                .filter { $0.isOf(node: node) && question.uploaded.contains($0.status.modificationTime ?? 0) }
        }
        guard let files, !files.isEmpty else { throw self.absence(question) }
        var found: [Found] = []
        for file in files {
            let (opened, contents) = try await self.reading {
                let opened = try archive.open(file, as: owner)
                return (opened, try opened.contents { $0 == container })
            }
            // Who may look stands in the file; nothing of it is told before.
            let user = try WebUser(of: request).name
            guard await self.viewers.allow(user, contents) else {
                throw Refusal(
                    403,
                    "User [\(user)] is not authorized to view the logs for \(question.entity) in log file [\(file.name)]"
                )
            }
            found += contents.entries.map { Found(file: opened, entry: $0) }
        }
        guard !found.isEmpty else { throw Refusal(404, "No logs available for container \(container)") }
        return found
    }

    private func reading<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        do {
            return try await self.threads.run { _ in try work() }
        } catch let failure as UnreadableLog {
            throw Refusal(502, "The aggregated log cannot be shown: \(failure.reason).")
        } catch let failure as PlainFormFailure {
            throw Refusal(
                500,
                "The aggregated log is compressed, and the ResourceManager's machine has no place for its plain form: "
                    + "\(failure.reason). heddle logs shows it on another machine."
            )
        } catch let failure as TransferFailure {
            // The file system's own text names servers and paths, which are nothing for strangers.
            throw failure.status == 404
                ? Refusal(404, "The aggregated log is not there any more.")
                : Refusal(
                    502,
                    "The aggregated log cannot be read; the file system it is on refuses or does not answer."
                )
        }
    }

    private func absence(_ question: Question) -> Refusal {
        let node: HTMLText
        if let page = self.nodePage(question.node, question.container, question.owner) {
            node = "<a href=\"\(page)\">nodemanager \(question.node)</a>"
        } else {
            node = "nodemanager \(question.node)"
        }
        return Refusal(
            404,
            """
            Logs not available for \(question.entity). Aggregation may not be complete: check back later, or look for them \
            at \(node).
            """
        )
    }

    private func answer(
        _ request: WebRequest,
        _ path: PathParameters,
        _ answer: (Question, [Found]) async throws -> WebAnswer
    ) async throws -> WebAnswer {
        do {
            let question = try Question(request, path)
            return try await answer(question, try await self.found(question, request))
        } catch let refusal as Refusal {
            let title =
                switch refusal.status {
                case 400: "Bad request"
                case 403: "Forbidden"
                case 404: "Not found"
                default: "No logs"
                }
            return .page(
                HTMLPage(title: title, navigation: self.navigation, body: "<p>\(refusal.text)</p>"),
                status: refusal.status
            )
        }
    }

    // MARK: Pages

    /// More logs than that are listed, but not shown on the page of all.
    private static let tailsMaximum = 20

    private func listing(_ request: WebRequest, _ path: PathParameters) async throws -> WebAnswer {
        try await self.answer(request, path) { question, found in
            let table = HTMLTable(
                columns: ["File", "Bytes", "Uploaded (UTC)", ""],
                rows: found.map { log in
                    let target = Self.target(question, log)
                    return [
                        "<a href=\"\(target)&amp;start=-4096\">\(log.entry.name)</a>", "\(log.entry.length)",
                        "\(log.uploaded)", "<a href=\"\(target)&amp;format=octet-stream\">Download</a>",
                    ]
                }
            )
            let page = HTMLPage(
                title: "Logs of \(question.container)",
                navigation: self.navigation,
                body: ""
            )
            let top = "<p>On \(question.node), aggregated.</p>\n" + table.render(ifEmpty: "")
            return WebAnswer(
                status: 200,
                headers: WebAnswer.pageHeaders,
                body: .stream(length: nil) { writer in
                    try await writer.write(page.opening())
                    try await writer.write(ByteBuffer(string: top.description))
                    for log in Self.readFirst(found).prefix(Self.tailsMaximum) {
                        let heading: HTMLText = "<h2>\(log.entry.name)</h2>\n"
                        try await writer.write(ByteBuffer(string: heading.description))
                        try await self.show(question, log, to: writer)
                    }
                    try await writer.write(HTMLPage.closing)
                }
            )
        }
    }

    /// Logs that have something, those of the launch itself last.
    private static func readFirst(_ found: [Found]) -> [Found] {
        func isOfLaunch(_ log: Found) -> Bool {
            log.entry.name.hasPrefix("prelaunch.")
                || ["launch_container.sh", "directory.info"].contains(log.entry.name)
        }
        let all = found.filter { $0.entry.length > 0 }
        return all.filter { !isOfLaunch($0) } + all.filter(isOfLaunch)
    }

    private static func target(_ question: Question, _ log: Found) -> HTMLText {
        let time = log.file.file.status.modificationTime ?? 0
        return "\(question.own)/\(percentEncoded(log.entry.name))?start.time=\(time)&amp;end.time=\(time)"
    }

    /// A part of a log, with what there is more of it.
    @concurrent
    private func show(_ question: Question, _ log: Found, to writer: any WebBodyWriter) async throws {
        let part = question.part(of: log.entry.length)
        let target = Self.target(question, log)
        let said: HTMLText =
            part.count < log.entry.length
            ? """
            Showing \(part.count) of \(log.entry.length) bytes · <a href="\(target)&amp;start=0">Whole log</a>
            """ : "\(log.entry.length) bytes"
        let line: HTMLText =
            "<p>\(said) · <a href=\"\(target)&amp;format=octet-stream\">Download</a></p>\n<pre>"
        try await writer.write(ByteBuffer(string: line.description))
        try await self.copy(log, part, to: writer) { escapedForHTML($0) }
        try await writer.write(ByteBuffer(string: "</pre>\n"))
    }

    private func file(_ request: WebRequest, _ path: PathParameters) async throws -> WebAnswer {
        try await self.answer(request, path) { question, all in
            let found = all.filter { $0.entry.name == path["file"] }
            guard let first = found.first else {
                throw Refusal(404, "There is no aggregated log \(path["file"]) of \(question.container).")
            }
            if request.query.first("format") == "octet-stream" { return self.download(question, first, found) }
            let page = HTMLPage(
                title: "\(first.entry.name) of \(question.container)",
                navigation: self.navigation,
                body: ""
            )
            let top: HTMLText =
                "<p>On \(question.node), aggregated. <a href=\"\(question.own)\">All logs of the container</a></p>\n"
            return WebAnswer(
                status: 200,
                headers: WebAnswer.pageHeaders,
                body: .stream(length: nil) { writer in
                    try await writer.write(page.opening())
                    try await writer.write(ByteBuffer(string: top.description))
                    for log in found {
                        if found.count > 1 {
                            let heading: HTMLText = "<h2>Uploaded \(log.uploaded)</h2>\n"
                            try await writer.write(ByteBuffer(string: heading.description))
                        }
                        try await self.show(question, log, to: writer)
                    }
                    try await writer.write(HTMLPage.closing)
                }
            )
        }
    }

    /// The bytes of a log; of one that was uploaded piece by piece, all of them in their order.
    private func download(_ question: Question, _ first: Found, _ found: [Found]) -> WebAnswer {
        WebAnswer(
            status: 200,
            headers: WebAnswer.hadoopHeaders + [
                WebHeader("Content-Type", "application/octet-stream; charset=utf-8"),
                .attachment("\(question.container)-\(first.entry.name)"),
            ],
            body: .stream(length: found.reduce(0) { $0 + $1.entry.length }) { writer in
                for log in found { try await self.copy(log, 0..<log.entry.length, to: writer) { $0 } }
            }
        )
    }

    @concurrent
    private func copy(
        _ log: Found,
        _ part: Range<Int64>,
        to writer: any WebBodyWriter,
        through change: @Sendable ([UInt8]) -> [UInt8]
    ) async throws {
        var reader = log.file.reader(log.entry, part)
        while true {
            let before = reader
            let (bytes, after) = try await self.threads.run { _ in
                var reader = before
                let bytes = try reader.next()
                return (bytes, reader)
            }
            guard let bytes else { return }
            reader = after
            try await writer.write(ByteBuffer(bytes: change(bytes)))
        }
    }
}
