import Crypto
import Synchronization
import TestSupport

@testable import Staging

/// What a store that speaks S3's protocol keeps of one object and its uploads, as far as one client after the other needs.
final class Bucket: Sendable {
    private struct State {
        var object: [UInt8]?
        var tag = ""
        var uploads: [String: [Int: [UInt8]]] = [:]
        var begun = 0
    }

    private let state = Mutex(State())

    var object: [UInt8]? { self.state.withLock { $0.object } }

    var pendingUploads: Int { self.state.withLock { $0.uploads.count } }

    func put(_ bytes: [UInt8]) { self.state.withLock { Self.store(bytes, Self.tag(bytes), &$0) } }

    /// To a question for the whole object.
    var whole: [UInt8] { self.state.withLock { Self.read("GET / HTTP/1.1", $0) } }

    func answer(_ request: LoopbackServer.Request) -> [UInt8] {
        let method = request.head.prefix { $0 != " " }
        let words = request.path.split(separator: "?").dropFirst().first?.split(separator: "&") ?? []
        var query: [Substring: Substring] = [:]
        for word in words {
            let pair = word.split(separator: "=", omittingEmptySubsequences: false)
            query[pair[0]] = pair.last
        }
        return self.state.withLock { state in
            switch (method, query["uploadId"].map(String.init)) {
            case ("POST", nil): Self.begin(&state)
            case ("PUT", let upload?): Self.part(Int(query["partNumber"] ?? "") ?? 0, request.body, of: upload, &state)
            case ("POST", let upload?): Self.complete(upload, &state)
            case ("DELETE", let upload?): Self.giveUp(upload, &state)
            case ("PUT", nil):
                Self.stored(request.body, &state)
            default: Self.read(request.head, state)
            }
        }
    }

    private static func tag(_ bytes: [UInt8]) -> String { Hexadecimal.text(Insecure.MD5.hash(data: bytes)) }

    private static func store(_ bytes: [UInt8], _ tag: String, _ state: inout State) {
        state.object = bytes
        state.tag = tag
    }

    private static func stored(_ bytes: [UInt8], _ state: inout State) -> [UInt8] {
        self.store(bytes, self.tag(bytes), &state)
        return LoopbackServer.ok([], ["ETag: \"\(state.tag)\""])
    }

    private static func begin(_ state: inout State) -> [UInt8] {
        state.begun += 1
        state.uploads["upload\(state.begun)"] = [:]
        return LoopbackServer.ok(Array("<R><UploadId>upload\(state.begun)</UploadId></R>".utf8))
    }

    private static let noSuchUpload = LoopbackServer.response(
        "404 Not Found",
        body: Array("<Error><Code>NoSuchUpload</Code><Message>gone</Message></Error>".utf8)
    )

    private static func part(_ number: Int, _ bytes: [UInt8], of upload: String, _ state: inout State) -> [UInt8] {
        guard state.uploads[upload] != nil else { return self.noSuchUpload }
        state.uploads[upload]?[number] = bytes
        return LoopbackServer.ok([], ["ETag: \"\(self.tag(bytes))\""])
    }

    private static func complete(_ upload: String, _ state: inout State) -> [UInt8] {
        guard let parts = state.uploads.removeValue(forKey: upload)?.sorted(by: { $0.key < $1.key }).map(\.value) else {
            return self.noSuchUpload
        }
        let tags = parts.map { Insecure.MD5.hash(data: $0) }
        self.store(parts.flatMap { $0 }, "\(self.tag(tags.flatMap { Array($0) }))-\(parts.count)", &state)
        return LoopbackServer.ok(
            Array("<CompleteMultipartUploadResult><Key>x</Key></CompleteMultipartUploadResult>".utf8)
        )
    }

    private static func giveUp(_ upload: String, _ state: inout State) -> [UInt8] {
        state.uploads.removeValue(forKey: upload) == nil
            ? self.noSuchUpload : LoopbackServer.response("204 No Content")
    }

    private static func read(_ head: String, _ state: State) -> [UInt8] {
        guard let object = state.object else { return LoopbackServer.response("404 Not Found", ["Content-Length: 0"]) }
        let isHead = head.hasPrefix("HEAD ")
        let headers = ["ETag: \"\(state.tag)\"", "Accept-Ranges: bytes"]
        let first = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("range: bytes=") }
            .flatMap { Int($0.dropFirst("range: bytes=".count).prefix { $0 != "-" }) }
        guard let first, !isHead else {
            let length = ["Content-Length: \(object.count)"]
            return LoopbackServer.response("200 OK", length + headers, body: isHead ? [] : object)
        }
        guard head.contains("If-Match: \"\(state.tag)\"") else {
            return LoopbackServer.response("412 Precondition Failed", ["Content-Length: 0"])
        }
        let rest = Array(object[min(first, object.count)...])
        let range = "Content-Range: bytes \(first)-\(object.count - 1)/\(object.count)"
        return LoopbackServer.response(
            "206 Partial Content",
            [range, "Content-Length: \(rest.count)"] + headers,
            body: rest
        )
    }
}
