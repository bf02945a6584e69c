import CLibcurl
import ClusterModel
import Glibc

/// One attempt to download one resource with libcurl, into an open file.
@safe final class HTTPTransfer {
    struct Outcome {
        var size: Int64
        /// Last-Modified in milliseconds since 1970, if the server states it.
        var lastModified: Int64?
    }

    private let address: HTTPAddress
    private let settings: TransferSettings
    private let target: Int32
    private let path: String
    private let cancellation: Cancellation

    private var curl: heddle_curl
    private var handle: UnsafeMutableRawPointer?
    private var written: Int64 = 0
    /// The first line of the latest answer: `HTTP/1.1 404 Not Found`.
    private var statusLine = ""
    /// Set when a callback ends the transfer for a reason of ours.
    private var ownFailure: TransferFailure?

    /// No honest header line is longer.
    private static let statusLineMaximum = 256

    init(
        _ address: HTTPAddress,
        settings: TransferSettings,
        target: Int32,
        path: String,
        _ cancellation: Cancellation
    ) throws(TransferFailure) {
        do {
            self.curl = try LibraryCurl.loaded.get()
        } catch {
            throw TransferFailure("Resource \(address.location) cannot be fetched: \(error)")
        }
        self.address = address
        self.settings = settings
        self.target = target
        self.path = path
        self.cancellation = cancellation
    }

    func run() throws(TransferFailure) -> Outcome {
        guard let handle = unsafe self.curl.easy_init() else {
            throw TransferFailure("Resource \(self.address.location): libcurl cannot be started")
        }
        unsafe self.handle = unsafe handle
        defer {
            unsafe self.curl.easy_cleanup(handle)
            unsafe self.handle = nil
        }
        // An earlier attempt may have left a part.
        guard ftruncate(self.target, 0) == 0, lseek(self.target, 0, SEEK_SET) == 0 else {
            throw TransferFailure("\(SystemError("empty", self.path))")
        }
        var errorText = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
        let code = unsafe errorText.withUnsafeMutableBufferPointer { buffer -> CURLcode in
            let configured = unsafe self.configure(handle, errorText: buffer.baseAddress)
            return configured == CURLE_OK ? unsafe self.curl.easy_perform(handle) : configured
        }
        let detail = String(decoding: errorText.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if let ownFailure { throw ownFailure }
        guard code == CURLE_OK else { throw self.failure(code, detail) }
        return try unsafe self.outcome(handle)
    }

    private func configure(
        _ handle: UnsafeMutableRawPointer,
        errorText: UnsafeMutablePointer<CChar>?
    ) -> CURLcode {
        let own = unsafe Unmanaged.passUnretained(self).toOpaque()
        let milliseconds = Self.milliseconds
        let steps: [() -> CURLcode] = [
            { unsafe heddle_curl_set_string(&self.curl, handle, CURLOPT_URL, self.address.url) },
            // A redirect must not turn into a file of this machine or another protocol.
            { unsafe heddle_curl_set_string(&self.curl, handle, CURLOPT_PROTOCOLS_STR, "http,https") },
            { unsafe heddle_curl_set_string(&self.curl, handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https") },
            { unsafe heddle_curl_set_long(&self.curl, handle, CURLOPT_FOLLOWLOCATION, 1) },
            { unsafe heddle_curl_set_long(&self.curl, handle, CURLOPT_MAXREDIRS, self.settings.redirectsMaximum) },
            // Credentials stay with the host they were given for.
            { unsafe heddle_curl_set_long(&self.curl, handle, CURLOPT_UNRESTRICTED_AUTH, 0) },
            { unsafe heddle_curl_set_long(&self.curl, handle, CURLOPT_NOSIGNAL, 1) },
            { unsafe heddle_curl_set_long(&self.curl, handle, CURLOPT_FILETIME, 1) },
            { unsafe heddle_curl_set_long(&self.curl, handle, CURLOPT_NOPROGRESS, 0) },
            {
                unsafe heddle_curl_set_long(
                    &self.curl,
                    handle,
                    CURLOPT_CONNECTTIMEOUT_MS,
                    milliseconds(self.settings.connectTimeout)
                )
            },
            {
                unsafe heddle_curl_set_long(
                    &self.curl,
                    handle,
                    CURLOPT_LOW_SPEED_LIMIT,
                    self.settings.stallBytesPerSecond
                )
            },
            {
                unsafe heddle_curl_set_long(
                    &self.curl,
                    handle,
                    CURLOPT_LOW_SPEED_TIME,
                    max(1, milliseconds(self.settings.stallTimeout) / 1000)
                )
            },
            { unsafe heddle_curl_set_string(&self.curl, handle, CURLOPT_USERAGENT, "heddle/\(HeddleVersion.current)") },
            { unsafe heddle_curl_set_pointer(&self.curl, handle, CURLOPT_ERRORBUFFER, errorText) },
            { unsafe heddle_curl_set_pointer(&self.curl, handle, CURLOPT_WRITEDATA, own) },
            { unsafe heddle_curl_set_pointer(&self.curl, handle, CURLOPT_HEADERDATA, own) },
            { unsafe heddle_curl_set_pointer(&self.curl, handle, CURLOPT_XFERINFODATA, own) },
            { unsafe heddle_curl_set_data_function(&self.curl, handle, CURLOPT_WRITEFUNCTION, takeBody) },
            { unsafe heddle_curl_set_data_function(&self.curl, handle, CURLOPT_HEADERFUNCTION, takeHeader) },
            { unsafe heddle_curl_set_progress_function(&self.curl, handle, takeProgress) },
            {
                guard let user = self.address.user else { return CURLE_OK }
                return unsafe heddle_curl_set_string(&self.curl, handle, CURLOPT_USERNAME, user)
            },
            {
                guard let password = self.address.password else { return CURLE_OK }
                return unsafe heddle_curl_set_string(&self.curl, handle, CURLOPT_PASSWORD, password)
            },
        ]
        for step in steps {
            let code = step()
            if code != CURLE_OK { return code }
        }
        return CURLE_OK
    }

    private func outcome(_ handle: UnsafeMutableRawPointer) throws(TransferFailure) -> Outcome {
        let status = unsafe self.status(handle)
        guard status == 200 else {
            // Overload and the like pass; a wrong address does not.
            let isTransient = [408, 425, 429, 500, 502, 503, 504].contains(status)
            throw TransferFailure(
                "Resource \(self.address.location) cannot be fetched: the server answered \(self.answer(status))",
                isTransient: isTransient
            )
        }
        var seconds: curl_off_t = -1
        _ = unsafe heddle_curl_get_offset(&self.curl, handle, CURLINFO_FILETIME_T, &seconds)
        return Outcome(size: self.written, lastModified: seconds < 0 ? nil : Int64(seconds) * 1000)
    }

    private func status(_ handle: UnsafeMutableRawPointer) -> Int {
        var status = 0
        _ = unsafe heddle_curl_get_long(&self.curl, handle, CURLINFO_RESPONSE_CODE, &status)
        return status
    }

    /// The server's own words for its status, as far as they are printable.
    private func answer(_ status: Int) -> String {
        let reason = self.statusLine.split(separator: " ", maxSplits: 2).dropFirst(2).first ?? ""
        let printable = reason.unicodeScalars.filter { $0.value >= 32 && $0.value < 127 }
        return printable.isEmpty ? "\(status)" : "\(status) \(String(String.UnicodeScalarView(printable)))"
    }

    private func reason(_ code: CURLcode) -> String {
        guard let text = unsafe self.curl.easy_strerror(code) else { return "libcurl error \(code.rawValue)" }
        return unsafe String(cString: text)
    }

    private func failure(_ code: CURLcode, _ detail: String) -> TransferFailure {
        let reason = detail.isEmpty ? self.reason(code) : detail
        let transient = [
            CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_OPERATION_TIMEDOUT, CURLE_PARTIAL_FILE,
            CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_HTTP2, CURLE_HTTP2_STREAM,
        ]
        return TransferFailure(
            "Resource \(self.address.location) cannot be fetched: \(reason)",
            isTransient: transient.contains(code)
        )
    }

    // MARK: - Called by libcurl

    fileprivate func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
        // The body of an error page is not the resource.
        if let handle = unsafe self.handle, unsafe self.status(handle) != 200 { return bytes.count }
        var rest = unsafe bytes
        while unsafe !rest.isEmpty {
            let count = unsafe write(self.target, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                self.ownFailure = TransferFailure(
                    "Resource \(self.address.location): \(SystemError("write", self.path))"
                )
                return 0
            }
            self.written += Int64(count)
            unsafe rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        }
        if let limit = self.settings.bytesMaximum, self.written > limit {
            self.ownFailure = Transfers.tooLarge(self.address.location, limit)
            return 0
        }
        return bytes.count
    }

    fileprivate func receiveHeader(_ bytes: UnsafeRawBufferPointer) {
        guard unsafe bytes.starts(with: "HTTP/".utf8) else { return }
        let line = unsafe bytes.prefix(Self.statusLineMaximum).filter { $0 != 13 && $0 != 10 }
        self.statusLine = String(decoding: line, as: UTF8.self)
    }

    fileprivate func shouldStop() -> Bool {
        guard self.cancellation.isCancelled else { return false }
        self.ownFailure = .cancelled
        return true
    }

    private static func milliseconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}

private func takeBody(
    _ data: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context = unsafe context, let data = unsafe data else { return 0 }
    let transfer = unsafe Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue()
    return unsafe transfer.receive(UnsafeRawBufferPointer(start: data, count: size * count))
}

private func takeHeader(
    _ data: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context = unsafe context, let data = unsafe data else { return 0 }
    let transfer = unsafe Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue()
    unsafe transfer.receiveHeader(UnsafeRawBufferPointer(start: data, count: size * count))
    return size * count
}

private func takeProgress(
    _ context: UnsafeMutableRawPointer?,
    _ downTotal: curl_off_t,
    _ down: curl_off_t,
    _ upTotal: curl_off_t,
    _ up: curl_off_t
) -> Int32 {
    guard let context = unsafe context else { return 1 }
    return unsafe Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue().shouldStop() ? 1 : 0
}
