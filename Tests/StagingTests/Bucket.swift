import Crypto
import FoundationEssentials
import Synchronization
import TestSupport

@testable import Staging

/// What a store that speaks S3's protocol keeps of one bucket, as far as one client after the other needs.
final class Bucket: Sendable {
    struct Object: Sendable {
        var bytes: [UInt8]
        var tag: String
        /// Content-Type and its kind, and the user's own, by names in lower case.
        var metadata: [String: String] = [:]
    }

    private struct Upload {
        var key: String
        var metadata: [String: String]
        var parts: [Int: [UInt8]] = [:]
    }

    private struct State {
        var objects: [String: Object] = [:]
        var uploads: [String: Upload] = [:]
        var begun = 0
    }

    private let state = Mutex(State())

    /// Where those that have only one object have it.
    static let key = "in/object"

    var object: [UInt8]? { self.objects[Self.key]?.bytes }

    var objects: [String: Object] { self.state.withLock { $0.objects } }

    var keys: [String] { Self.sorted(self.objects.keys) }

    var pendingUploads: Int { self.state.withLock { $0.uploads.count } }

    func put(_ bytes: [UInt8], as key: String = Bucket.key, metadata: [String: String] = [:]) {
        let object = Object(bytes: bytes, tag: Self.tag(bytes), metadata: metadata)
        self.state.withLock { $0.objects[key] = object }
    }

    /// To a question for the whole object.
    var whole: [UInt8] { self.state.withLock { Self.read(Call("GET /jobs/\(Self.key) HTTP/1.1"), $0) } }

    /// Who reads and writes the bucket `jobs` of a server, in parts of the least size there is.
    static func transfers(
        _ server: LoopbackServer,
        _ loop: TransferLoop = TransferLoop(),
        _ change: (inout S3Settings) -> Void = { _ in }
    ) -> Transfers {
        var settings = TransferSettings(
            attemptsMaximum: 3,
            firstPause: .milliseconds(1),
            pauseMaximum: .milliseconds(2)
        )
        settings.s3.common.endpoint = "http://127.0.0.1:\(server.port)"
        settings.s3.common.accessKey = "AKID"
        settings.s3.common.secretKey = "hush"
        settings.s3.metadataEndpoint = nil
        settings.s3.multipartThreshold = 5 << 20
        settings.s3.partSize = 5 << 20
        change(&settings.s3)
        return Transfers(settings: settings, loop: loop, chance: { 0.5 })
    }

    static func location(_ key: String = Bucket.key) -> ResourceLocation {
        ResourceLocation(scheme: "s3a", host: "jobs", path: "/\(key)")
    }

    /// A request in parts.
    private struct Call {
        let method: Substring
        let key: String
        var query: [String: String] = [:]
        private var headers: [String: String] = [:]

        init(_ head: String) {
            let lines = head.split(separator: "\r\n")
            let words = lines.first?.split(separator: " ") ?? []
            self.method = words.first ?? ""
            let parts = (words.count > 1 ? words[1] : "").split(separator: "?", maxSplits: 1)
            let path = parts.first.flatMap { URIText.decoded(String($0)) } ?? ""
            self.key = path.split(separator: "/", maxSplits: 1).dropFirst().first.map(String.init) ?? ""
            for word in parts.dropFirst().first?.split(separator: "&") ?? [] {
                let pair = word.split(separator: "=", omittingEmptySubsequences: false)
                self.query[String(pair[0])] = URIText.decoded(String(pair.count > 1 ? pair[1] : ""))
            }
            for line in lines.dropFirst() {
                guard let colon = line.firstIndex(of: ":") else { continue }
                self.headers[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
            }
        }

        subscript(header: String) -> String? { self.headers[header] }

        /// What an object keeps of a request's headers.
        var metadata: [String: String] {
            self.headers.filter {
                ["content-type", "content-encoding"].contains($0.key) || $0.key.hasPrefix("x-amz-meta-")
            }
        }

        func range(_ header: String, of count: Int) -> Range<Int>? {
            guard let text = self[header], text.hasPrefix("bytes=") else { return nil }
            let ends = text.dropFirst("bytes=".count).split(separator: "-")
            guard let first = ends.first.flatMap({ Int($0) }) else { return nil }
            return min(first, count)..<min(count, ends.dropFirst().first.flatMap { Int($0) }.map { $0 + 1 } ?? count)
        }
    }

    func answer(_ request: LoopbackServer.Request) -> [UInt8] {
        let call = Call(request.head)
        return self.state.withLock { state in
            switch (call.method, call.query["uploadId"]) {
            case ("POST", nil) where call.query["delete"] != nil: Self.remove(call, request.body, &state)
            case ("POST", nil): Self.begin(call, &state)
            case ("PUT", let upload?): Self.part(call, request.body, of: upload, &state)
            case ("POST", let upload?): Self.complete(upload, &state)
            case ("DELETE", let upload?): Self.giveUp(upload, &state)
            case ("PUT", nil): Self.stored(call, request.body, &state)
            case ("DELETE", nil): Self.removed(call.key, &state)
            case ("GET", nil) where call.key.isEmpty: Self.list(call, state)
            default: Self.read(call, state)
            }
        }
    }

    private static func sorted(_ keys: some Sequence<String>) -> [String] {
        keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func tag(_ bytes: [UInt8]) -> String { Hexadecimal.text(Insecure.MD5.hash(data: bytes)) }

    /// A refusal as S3 writes it.
    static func refusal(_ status: String, _ code: String) -> [UInt8] {
        let text = "<Error><Code>\(code)</Code><Message>of the test</Message></Error>"
        return LoopbackServer.response(status, ["Content-Length: \(text.utf8.count)"], body: Array(text.utf8))
    }

    private static func stored(_ call: Call, _ bytes: [UInt8], _ state: inout State) -> [UInt8] {
        guard let source = call["x-amz-copy-source"] else {
            let object = Object(bytes: bytes, tag: Self.tag(bytes), metadata: call.metadata)
            state.objects[call.key] = object
            return LoopbackServer.ok([], ["ETag: \"\(object.tag)\""])
        }
        guard let object = state.objects[Self.copied(source)] else { return Self.refusal("404 Not Found", "NoSuchKey") }
        state.objects[call.key] = object
        return LoopbackServer.ok(Array("<CopyObjectResult><ETag>\"\(object.tag)\"</ETag></CopyObjectResult>".utf8))
    }

    /// The key in `/bucket/key`.
    private static func copied(_ source: String) -> String {
        URIText.decoded(source).map { String($0.split(separator: "/", maxSplits: 1).last ?? "") } ?? ""
    }

    private static func removed(_ key: String, _ state: inout State) -> [UInt8] {
        state.objects[key] = nil
        return LoopbackServer.response("204 No Content")
    }

    private static func remove(_ call: Call, _ body: [UInt8], _ state: inout State) -> [UInt8] {
        guard call["content-md5"] == Data(Insecure.MD5.hash(data: body)).base64EncodedString() else {
            return Self.refusal("400 Bad Request", "InvalidDigest")
        }
        guard let wanted = S3Answer(body), wanted.name == "Delete", wanted["Quiet"] == "true",
            (1...1000).contains(wanted.all("Object").count)
        else { return Self.refusal("400 Bad Request", "MalformedXML") }
        for object in wanted.all("Object") { state.objects[object["Key"] ?? ""] = nil }
        return LoopbackServer.ok(Array("<DeleteResult xmlns=\"x\"/>".utf8))
    }

    private static func list(_ call: Call, _ state: State) -> [UInt8] {
        let (prefix, after) = (call.query["prefix"] ?? "", call.query["continuation-token"] ?? "")
        let found = Self.sorted(state.objects.keys.filter { $0.utf8.starts(with: prefix.utf8) })
            .filter { after.utf8.lexicographicallyPrecedes($0.utf8) }
        let page = found.prefix(Int(call.query["max-keys"] ?? "") ?? 1000)
        let rows = page.map { key in
            "<Contents><Key>\(URIText.encodedStrictly(key))</Key><Size>\(state.objects[key]?.bytes.count ?? 0)</Size></Contents>"
        }
        let more =
            page.count < found.count
            ? "<IsTruncated>true</IsTruncated><NextContinuationToken>\(S3Answer.escaped(page.last ?? ""))</NextContinuationToken>"
            : ""
        return LoopbackServer.ok(Array("<ListBucketResult>\(more)\(rows.joined())</ListBucketResult>".utf8))
    }

    private static func begin(_ call: Call, _ state: inout State) -> [UInt8] {
        state.begun += 1
        let name = "upload\(state.begun)"
        state.uploads[name] = Upload(key: call.key, metadata: call.metadata)
        let text = "<InitiateMultipartUploadResult><UploadId>\(name)</UploadId></InitiateMultipartUploadResult>"
        return LoopbackServer.ok(Array(text.utf8))
    }

    private static let noSuchUpload = Bucket.refusal("404 Not Found", "NoSuchUpload")

    private static func part(_ call: Call, _ bytes: [UInt8], of upload: String, _ state: inout State) -> [UInt8] {
        guard state.uploads[upload] != nil, let number = call.query["partNumber"].flatMap({ Int($0) }) else {
            return self.noSuchUpload
        }
        guard let source = call["x-amz-copy-source"] else {
            state.uploads[upload]?.parts[number] = bytes
            return LoopbackServer.ok([], ["ETag: \"\(self.tag(bytes))\""])
        }
        guard let object = state.objects[Self.copied(source)] else { return Self.refusal("404 Not Found", "NoSuchKey") }
        guard call["x-amz-copy-source-if-match"] == "\"\(object.tag)\"" else {
            return Self.refusal("412 Precondition Failed", "PreconditionFailed")
        }
        guard let range = call.range("x-amz-copy-source-range", of: object.bytes.count) else {
            return Self.refusal("400 Bad Request", "InvalidArgument")
        }
        let part = Array(object.bytes[range])
        state.uploads[upload]?.parts[number] = part
        return LoopbackServer.ok(Array("<CopyPartResult><ETag>\"\(self.tag(part))\"</ETag></CopyPartResult>".utf8))
    }

    private static func complete(_ upload: String, _ state: inout State) -> [UInt8] {
        guard let made = state.uploads.removeValue(forKey: upload) else { return self.noSuchUpload }
        let parts = made.parts.sorted(by: { $0.key < $1.key }).map(\.value)
        let tags = parts.map { Insecure.MD5.hash(data: $0) }
        let tag = "\(self.tag(tags.flatMap { Array($0) }))-\(parts.count)"
        state.objects[made.key] = Object(bytes: parts.flatMap { $0 }, tag: tag, metadata: made.metadata)
        return LoopbackServer.ok(
            Array("<CompleteMultipartUploadResult><Key>x</Key></CompleteMultipartUploadResult>".utf8)
        )
    }

    private static func giveUp(_ upload: String, _ state: inout State) -> [UInt8] {
        state.uploads.removeValue(forKey: upload) == nil
            ? self.noSuchUpload : LoopbackServer.response("204 No Content")
    }

    private static func read(_ call: Call, _ state: State) -> [UInt8] {
        guard let object = state.objects[call.key] else {
            return LoopbackServer.response("404 Not Found", ["Content-Length: 0"])
        }
        let isHead = call.method == "HEAD"
        let count = object.bytes.count
        let headers =
            ["ETag: \"\(object.tag)\"", "Accept-Ranges: bytes"] + object.metadata.map { "\($0.key): \($0.value)" }
        guard let range = call.range("range", of: count), !isHead else {
            let length = ["Content-Length: \(count)"]
            return LoopbackServer.response("200 OK", length + headers, body: isHead ? [] : object.bytes)
        }
        guard call["if-match"] == "\"\(object.tag)\"" else {
            return LoopbackServer.response("412 Precondition Failed", ["Content-Length: 0"])
        }
        let content = "Content-Range: bytes \(range.lowerBound)-\(range.upperBound - 1)/\(count)"
        return LoopbackServer.response(
            "206 Partial Content",
            [content, "Content-Length: \(range.count)"] + headers,
            body: Array(object.bytes[range])
        )
    }
}
