import Crypto
import Glibc

/// What is asked, signed, and what comes back.
extension S3Files {
    static let xml = HTTPRequest.Header(name: "Content-Type", value: "application/xml")

    /// One request, signed now.
    /// - Parameter key: the object, without a slash before it; nil for the bucket.
    func request(
        _ method: HTTPRequest.Method,
        key: String?,
        query: [(name: String, value: String)] = [],
        headers: [HTTPRequest.Header] = [],
        body: HTTPRequest.Body = .none
    ) throws(TransferFailure) -> HTTPRequest {
        let path = self.endpoint.pathPrefix + "/" + (key ?? "")
        let hash = try self.payloadHash(body)
        var subject = SigV4.Subject(
            method: method.rawValue,
            path: path,
            query: query,
            headers: headers,
            payloadHash: hash
        )
        let words = subject.canonicalQuery
        var request = HTTPRequest(
            method: method,
            url: self.endpoint.origin + SigV4.Subject.encoded(path) + (words.isEmpty ? "" : "?\(words)"),
            headers: headers,
            body: body,
            followsRedirects: false
        )
        guard let keys = try self.credentials.keys(of: self.bucket, self.calls) else { return request }
        let time = SigV4.time(currentMilliseconds() / 1000)
        var signed = [
            HTTPRequest.Header(name: "x-amz-content-sha256", value: hash),
            HTTPRequest.Header(name: "x-amz-date", value: time),
        ]
        if let token = keys.sessionToken {
            signed.append(HTTPRequest.Header(name: "x-amz-security-token", value: token))
        }
        subject.headers += [HTTPRequest.Header(name: "host", value: self.endpoint.host)] + signed
        let signature = SigV4(keys: keys, region: self.endpoint.region, service: "s3")
        signed.append(
            HTTPRequest.Header(name: "Authorization", value: signature.authorization(subject, at: time))
        )
        request.secretHeaders = signed
        return request
    }

    /// Over TLS nobody changes a body on its way, so it need not be read twice.
    private func payloadHash(_ body: HTTPRequest.Body) throws(TransferFailure) -> String {
        switch body {
        case .none: return Hexadecimal.text(SHA256.hash(data: [UInt8]()))
        case .bytes(let bytes): return Hexadecimal.text(SHA256.hash(data: bytes))
        case .file(let descriptor, let offset, let length):
            if self.endpoint.usesTLS { return SigV4.unsignedPayload }
            var hasher = SHA256()
            do throws(SystemError) {
                unsafe try FileReading.each(descriptor, offset..<offset + length) {
                    unsafe hasher.update(bufferPointer: $0)
                }
            } catch {
                throw TransferFailure("Bucket \(self.bucket): \(error)")
            }
            return Hexadecimal.text(hasher.finalize())
        }
    }

    func failure(_ what: String, _ location: ResourceLocation, _ answer: HTTPAnswer) -> TransferFailure {
        var failure = HTTPFiles.failure(what, location, answer)
        if let refusal = S3Refusal(answer.errorBody) { refusal.explain(&failure) }
        // What answers HEAD has no body that could name the code.
        let isExpired = failure.code == "ExpiredToken" || (answer.head.status == 400 && answer.errorBody.isEmpty)
        if isExpired, self.credentials.renews(for: self.bucket) { failure.isTransient = true }
        if answer.head.status == 403, let date = answer.head.date,
            let skew = ClockSkew(here: currentMilliseconds() / 1000, there: date)
        {
            failure.description += "; \(skew)"
        }
        if [301, 307, 400].contains(answer.head.status), let region = answer.head["x-amz-bucket-region"],
            region != self.endpoint.region
        {
            failure.description += "; the bucket is in region \(region): set "
            failure.description += "fs.s3a.bucket.\(self.bucket).endpoint.region to it"
        }
        return failure
    }

    @discardableResult
    func ask(
        _ what: String,
        _ location: ResourceLocation,
        progress: TransferProgress? = nil,
        accepts: (HTTPAnswer) -> Bool = { $0.head.isSuccess },
        request: () throws(TransferFailure) -> HTTPRequest
    ) throws(TransferFailure) -> (answer: HTTPAnswer, body: [UInt8]) {
        try self.calls.call(
            "Resource \(location) cannot be \(what)",
            progress: progress,
            accepts: accepts,
            failure: { self.failure(what, location, $0) },
            request: request
        )
    }

    /// One request whose answer is XML. S3 may begin to answer before it knows how a long request ends, so that a failure comes
    /// after the 200; it then counts as every other ("CompleteMultipartUpload" and "CopyObject" in Amazon's API reference).
    /// - Parameters:
    ///   - name: of the answer's outermost element.
    ///   - check: finds what such an answer still says against it.
    @discardableResult
    func ask(
        _ what: String,
        _ location: ResourceLocation,
        for name: String,
        request: () throws(TransferFailure) -> HTTPRequest,
        check: (S3Answer) throws(TransferFailure) -> Void = { _ in }
    ) throws(TransferFailure) -> S3Answer {
        try self.calls.call(
            "Resource \(location) cannot be \(what)",
            failure: { self.failure(what, location, $0) },
            request: request,
            reading: { (head: HTTPAnswer, body: [UInt8]) throws(TransferFailure) -> S3Answer in
                let answer = S3Answer(body)
                if let answer, answer.name == name {
                    try check(answer)
                    return answer
                }
                if let answer, let refusal = S3Refusal(answer) {
                    var failure = HTTPFiles.failure(what, location, head)
                    refusal.explain(&failure)
                    throw failure
                }
                throw TransferFailure(
                    "Resource \(location) cannot be \(what): its server does not speak S3's protocol: check fs.s3a.endpoint",
                    // An answer that ended before it said anything.
                    isTransient: body.allSatisfy { $0 <= 32 }
                )
            }
        )
    }
}
