import CLibcurl
import ClusterModel

/// Turns a request and the settings into libcurl's options.
@safe struct CurlOptions {
    private let curl: heddle_curl
    private let handle: UnsafeMutableRawPointer

    init(_ curl: heddle_curl, _ handle: UnsafeMutableRawPointer) {
        self.curl = curl
        unsafe self.handle = unsafe handle
    }

    /// - Parameter callbacks: the exchange, for `ExchangeCallbacks`.
    func apply(
        _ request: HTTPRequest,
        _ settings: TransferSettings,
        headers: UnsafeMutablePointer<curl_slist>?,
        errorText: UnsafeMutablePointer<CChar>,
        callbacks: UnsafeMutableRawPointer
    ) -> CURLcode {
        let steps: [() -> CURLcode] = [
            { self.address(request, settings) },
            { self.limits(settings) },
            { self.body(request) },
            { unsafe self.pointer(CURLOPT_HTTPHEADER, headers) },
            { unsafe self.pointer(CURLOPT_ERRORBUFFER, errorText) },
            { unsafe self.pointer(CURLOPT_PRIVATE, callbacks) },
            { unsafe self.pointer(CURLOPT_WRITEDATA, callbacks) },
            { unsafe self.pointer(CURLOPT_HEADERDATA, callbacks) },
            { unsafe self.pointer(CURLOPT_READDATA, callbacks) },
            { unsafe self.pointer(CURLOPT_SEEKDATA, callbacks) },
            { unsafe self.function(CURLOPT_WRITEFUNCTION, ExchangeCallbacks.body) },
            { unsafe self.function(CURLOPT_HEADERFUNCTION, ExchangeCallbacks.header) },
            { unsafe self.function(CURLOPT_READFUNCTION, ExchangeCallbacks.read) },
            { unsafe self.seek(ExchangeCallbacks.seek) },
        ]
        return Self.first(of: steps)
    }

    private func address(_ request: HTTPRequest, _ settings: TransferSettings) -> CURLcode {
        Self.first(of: [
            { self.text(CURLOPT_URL, request.url) },
            // The path is what was signed and meant, dots and all.
            { self.number(CURLOPT_PATH_AS_IS, 1) },
            // Redirects are followed by `RedirectRule`; whatever happens, no file of this machine is read.
            { self.text(CURLOPT_PROTOCOLS_STR, "http,https") },
            { self.number(CURLOPT_FOLLOWLOCATION, 0) },
            { self.number(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS)) },
            { self.text(CURLOPT_USERAGENT, "heddle/\(HeddleVersion.current)") },
            { request.user.map { self.text(CURLOPT_USERNAME, $0) } ?? CURLE_OK },
            { request.password.map { self.text(CURLOPT_PASSWORD, $0) } ?? CURLE_OK },
            // Set also where there is none: libcurl would read the environment itself.
            { self.text(CURLOPT_PROXY, ProxyRule(settings).proxy(for: request.url)) },
            { self.text(CURLOPT_NOPROXY, ProxyRule(settings).exceptions) },
            { settings.certificates.map { self.text(CURLOPT_CAINFO, $0) } ?? CURLE_OK },
            { self.number(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1) },
        ])
    }

    private func limits(_ settings: TransferSettings) -> CURLcode {
        Self.first(of: [
            { self.number(CURLOPT_NOSIGNAL, 1) },
            { self.number(CURLOPT_TCP_KEEPALIVE, 1) },
            { self.number(CURLOPT_BUFFERSIZE, settings.bufferSize) },
            { self.number(CURLOPT_UPLOAD_BUFFERSIZE, settings.bufferSize) },
            { self.number(CURLOPT_CONNECTTIMEOUT_MS, Int(settings.connectTimeout.wholeMilliseconds)) },
            { self.number(CURLOPT_LOW_SPEED_LIMIT, settings.slowestBytesPerSecond) },
            { self.number(CURLOPT_LOW_SPEED_TIME, settings.stallSeconds) },
            { self.number(CURLOPT_TIMEOUT_MS, Int(settings.totalTimeout?.wholeMilliseconds ?? 0)) },
            { self.offset(CURLOPT_MAX_RECV_SPEED_LARGE, settings.bytesPerSecondMaximum ?? 0) },
            { self.offset(CURLOPT_MAX_SEND_SPEED_LARGE, settings.bytesPerSecondMaximum ?? 0) },
        ])
    }

    private func body(_ request: HTTPRequest) -> CURLcode {
        switch request.method {
        case .get: return self.number(CURLOPT_HTTPGET, 1)
        case .head: return self.number(CURLOPT_NOBODY, 1)
        case .put, .post, .delete:
            if request.method == .delete, request.body.length == 0 {
                return self.text(CURLOPT_CUSTOMREQUEST, "DELETE")
            }
            return Self.first(of: [
                { self.number(CURLOPT_UPLOAD, 1) },
                { self.offset(CURLOPT_INFILESIZE_LARGE, request.body.length) },
                { self.text(CURLOPT_CUSTOMREQUEST, request.method.rawValue) },
            ])
        }
    }

    private static func first(of steps: [() -> CURLcode]) -> CURLcode {
        for step in steps {
            let code = step()
            if code != CURLE_OK { return code }
        }
        return CURLE_OK
    }

    private func text(_ option: CURLoption, _ value: String) -> CURLcode {
        var curl = self.curl
        return unsafe heddle_curl_set_string(&curl, self.handle, option, value)
    }

    private func number(_ option: CURLoption, _ value: Int) -> CURLcode {
        var curl = self.curl
        return unsafe heddle_curl_set_long(&curl, self.handle, option, value)
    }

    private func offset(_ option: CURLoption, _ value: Int64) -> CURLcode {
        var curl = self.curl
        return unsafe heddle_curl_set_offset(&curl, self.handle, option, curl_off_t(value))
    }

    private func pointer(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) -> CURLcode {
        var curl = self.curl
        return unsafe heddle_curl_set_pointer(&curl, self.handle, option, value)
    }

    private func function(_ option: CURLoption, _ value: @escaping heddle_curl_data_function) -> CURLcode {
        var curl = self.curl
        return unsafe heddle_curl_set_data_function(&curl, self.handle, option, value)
    }

    private func seek(_ value: @escaping heddle_curl_seek_function) -> CURLcode {
        var curl = self.curl
        return unsafe heddle_curl_set_seek_function(&curl, self.handle, value)
    }
}
