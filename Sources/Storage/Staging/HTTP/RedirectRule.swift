import CLibcurl

/// Where a URL leads: what must be equal for credentials to go along.
struct URLOrigin: Sendable, Hashable {
    var scheme: String
    var host: String
    var port: String

    /// Read by libcurl's own parser, so that this and the connection cannot disagree on what the host is.
    init?(_ url: String, _ curl: heddle_curl) {
        guard let parsed = curl.url() else { return nil }
        defer { unsafe curl.url_cleanup(parsed) }
        guard unsafe curl.url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK else { return nil }
        func part(_ part: CURLUPart) -> String? {
            var text: UnsafeMutablePointer<CChar>?
            let code = unsafe curl.url_get(parsed, part, &text, UInt32(CURLU_DEFAULT_PORT))
            guard code == CURLUE_OK, let text = unsafe text else { return nil }
            defer { unsafe curl.free(text) }
            return unsafe String(cString: text).lowercased()
        }
        guard let scheme = part(CURLUPART_SCHEME), let host = part(CURLUPART_HOST), let port = part(CURLUPART_PORT)
        else { return nil }
        self.scheme = scheme
        self.host = host
        self.port = port
    }
}

/// How far redirects are followed.
enum RedirectRule {
    /// One step that a protocol asks for itself.
    static func follow(_ request: HTTPRequest, to target: String) throws(TransferFailure) -> HTTPRequest {
        do {
            return try Self.follow(request, to: target, followed: 0, maximum: 1, try LibraryCurl.loaded.get())
        } catch {
            throw error as? TransferFailure ?? TransferFailure("\(error)")
        }
    }

    /// - Parameters:
    ///   - target: where the answer leads, made absolute.
    ///   - followed: how many were followed before this one.
    /// - Returns: the request to make there, without credentials when that is another origin.
    static func follow(
        _ request: HTTPRequest,
        to target: String,
        followed: Int,
        maximum: Int,
        _ curl: heddle_curl
    ) throws(TransferFailure) -> HTTPRequest {
        guard followed < maximum else {
            throw TransferFailure("Maximum (\(maximum)) redirects followed")
        }
        guard let from = URLOrigin(request.url, curl), let to = URLOrigin(target, curl),
            ["http", "https"].contains(to.scheme)
        else {
            throw TransferFailure("the server redirects to a place that is neither http nor https")
        }
        guard from.scheme != "https" || to.scheme == "https" else {
            throw TransferFailure("the server redirects from https to plain http (host \(to.host)), which is not safe")
        }
        var next = request
        next.url = target
        if from != to {
            next.user = nil
            next.password = nil
            next.secretHeaders = []
        }
        return next
    }
}
