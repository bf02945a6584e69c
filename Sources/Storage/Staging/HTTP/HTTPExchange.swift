import CLibcurl
import ClusterModel
import Glibc
import Synchronization

/// One request on its way: what libcurl's calls fill, and what comes of it. All but `cancel` happens on the thread of
/// the `TransferLoop`.
final class HTTPExchange: Sendable {
    typealias Outcome = Result<HTTPAnswer, TransferFailure>

    private struct State {
        var request: HTTPRequest
        var followed = 0
        var head = HTTPHead()
        /// Whether the head came to its end: libcurl takes one that is cut off for a whole one.
        var hasHead = false
        /// Bytes of heads and trailers so far, those of interim answers included.
        var headBytes = 0
        var hasBegun = false
        var isEnough = false
        var errorBody: [UInt8] = []
        var sent: Int64 = 0
        var ownFailure: TransferFailure?
        var done: (@Sendable (Outcome) -> Void)?
    }

    /// What an error calls the resource.
    let subject: String
    private let settings: TransferSettings
    private let sink: any BodySink
    private let progress: TransferProgress?
    private let state: Mutex<State>
    private let cancelled = Atomic(false)
    private let curl: heddle_curl

    /// No honest header line is longer.
    private static let lineMaximum = 8 << 10
    private static let headMaximum = 256 << 10
    private static let errorBodyMaximum = 64 << 10

    /// - Parameters:
    ///   - subject: what an error calls the resource.
    ///   - progress: counts what is sent.
    ///   - done: called once, on the thread of the transfers.
    init(
        _ request: HTTPRequest,
        subject: String,
        settings: TransferSettings,
        sink: any BodySink,
        progress: TransferProgress? = nil,
        done: @escaping @Sendable (Outcome) -> Void
    ) throws(TransferFailure) {
        do {
            self.curl = try LibraryCurl.loaded.get()
        } catch {
            throw TransferFailure("\(subject): \(error)")
        }
        self.subject = subject
        self.settings = settings
        self.sink = sink
        self.progress = progress
        var state = State(request: request)
        state.done = done
        self.state = Mutex(state)
    }

    /// Asks for an early end; the loop looks when it is woken, or within its interval.
    func cancel() { self.cancelled.store(true, ordering: .relaxed) }

    var isCancelled: Bool { self.cancelled.load(ordering: .relaxed) }

    var request: HTTPRequest { self.state.withLock { $0.request } }

    // MARK: - The loop's side

    func configure(
        _ handle: UnsafeMutableRawPointer,
        headers: UnsafeMutablePointer<curl_slist>?,
        errorText: UnsafeMutablePointer<CChar>
    ) -> CURLcode {
        let options = unsafe CurlOptions(self.curl, handle)
        let request = self.request
        let own = unsafe Unmanaged.passUnretained(self).toOpaque()
        return unsafe options.apply(request, self.settings, headers: headers, errorText: errorText, callbacks: own)
    }

    /// Takes libcurl's result.
    /// - Returns: true when the request goes on elsewhere, and is to be started again.
    func ended(_ code: CURLcode, errorText: String, redirect: String?) -> Bool {
        let outcome: Outcome? = self.state.withLock { state -> Outcome? in
            if let failure = state.ownFailure { return .failure(failure) }
            if !(code == CURLE_WRITE_ERROR && state.isEnough), code != CURLE_OK {
                return .failure(self.failure(code, errorText))
            }
            guard state.hasHead else {
                return .failure(
                    TransferFailure(
                        "\(self.subject): the connection broke in the head of the answer",
                        isTransient: true
                    )
                )
            }
            if let redirect, state.request.followsRedirects, (300..<400).contains(state.head.status) {
                do throws(TransferFailure) {
                    state.request = try RedirectRule.follow(
                        state.request,
                        to: redirect,
                        followed: state.followed,
                        maximum: self.settings.redirectsMaximum,
                        self.curl
                    )
                    state.followed += 1
                    state.head = HTTPHead()
                    state.hasHead = false
                    state.headBytes = 0
                    state.isEnough = false
                    state.errorBody = []
                    state.sent = 0
                    return nil
                } catch {
                    return .failure(TransferFailure("\(self.subject): \(error)"))
                }
            }
            if !state.head.isSuccess { self.readTimes(&state.head) }
            if state.head.isSuccess, !state.hasBegun {
                // An answer without a body.
                do throws(TransferFailure) {
                    try self.begin(&state.head)
                } catch {
                    return .failure(error)
                }
            }
            return .success(
                HTTPAnswer(
                    head: state.head,
                    errorBody: state.errorBody,
                    redirect: redirect
                )
            )
        }
        guard let outcome else { return true }
        self.finish(outcome)
        return false
    }

    func finish(_ outcome: Outcome) {
        let done = self.state.withLock { state in
            defer { state.done = nil }
            return state.done
        }
        done?(outcome)
    }

    private func failure(_ code: CURLcode, _ detail: String) -> TransferFailure {
        var reason = detail
        if reason.isEmpty {
            if let text = self.curl.easy_strerror(code) {
                reason = unsafe String(cString: text)
            } else {
                reason = "libcurl error \(code.rawValue)"
            }
        }
        if let remedy = Self.remedy(code, reason) { reason += " (\(remedy))" }
        let transient = [
            CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_OPERATION_TIMEDOUT, CURLE_PARTIAL_FILE,
            CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_HTTP2, CURLE_HTTP2_STREAM,
            CURLE_SSL_CONNECT_ERROR,
        ]
        return TransferFailure("\(self.subject): \(reason)", isTransient: transient.contains(code))
    }

    /// What a user may set where it is the setting that is wrong.
    private static func remedy(_ code: CURLcode, _ reason: String) -> String? {
        switch code {
        case CURLE_PEER_FAILED_VERIFICATION where reason.hasPrefix("SSL certificate problem"):
            "set heddle.transfer.ca-bundle to a PEM file of the authorities that are believed, if the server is to be"
        case CURLE_PEER_FAILED_VERIFICATION where reason.contains("subject name"):
            "its certificate is for other names: address it by one of them"
        case CURLE_SSL_CACERT_BADFILE: "heddle.transfer.ca-bundle names that file: it must be PEM and readable"
        default: nil
        }
    }

    // MARK: - libcurl's side

    /// - Returns: the number of bytes, or another to stop.
    fileprivate func receiveHeader(_ bytes: UnsafeRawBufferPointer) -> Int {
        let line = unsafe bytes.prefix(Self.lineMaximum).filter { $0 != 13 && $0 != 10 }
        let text = String(decoding: line, as: UTF8.self)
        return self.state.withLock { state in
            state.headBytes += bytes.count
            // libcurl keeps every line: without a limit a server could fill the memory.
            guard state.headBytes <= Self.headMaximum else {
                state.ownFailure = TransferFailure(
                    "\(self.subject): the head of the answer is longer than \(Self.headMaximum) bytes"
                )
                return bytes.count + 1
            }
            // What follows a body are its trailers.
            guard !state.hasBegun else { return bytes.count }
            if text.hasPrefix("HTTP/") {
                state.head = HTTPHead(statusLine: text)
                state.hasHead = false
                state.errorBody = []
            } else if text.isEmpty {
                state.hasHead = true
            } else {
                state.head.add(line: text)
            }
            return bytes.count
        }
    }

    /// - Returns: the number of bytes, or another to stop.
    fileprivate func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
        self.state.withLock { state in
            guard state.head.isSuccess else {
                let room = Self.errorBodyMaximum - state.errorBody.count
                unsafe state.errorBody += bytes.prefix(room)
                // What is said of a refusal is short; a page without an end is not heard out.
                state.isEnough = room < bytes.count
                return state.isEnough ? bytes.count + 1 : bytes.count
            }
            do throws(TransferFailure) {
                if !state.hasBegun {
                    state.hasBegun = true
                    try self.begin(&state.head)
                }
                if unsafe try self.sink.take(bytes) { return bytes.count }
                state.isEnough = true
            } catch {
                state.ownFailure = error
            }
            return bytes.count + 1
        }
    }

    private func begin(_ head: inout HTTPHead) throws(TransferFailure) {
        self.readTimes(&head)
        // libcurl believes the last of several lengths, and overlooks one that is no number it knows.
        guard !head.has("content-length") || head.contentLength != nil || head.has("transfer-encoding") else {
            throw TransferFailure("\(self.subject): the answer states no length that can be believed")
        }
        try self.sink.begin(head)
    }

    private func readTimes(_ head: inout HTTPHead) {
        func seconds(_ name: String) -> Int64? {
            guard let text = head[name] else { return nil }
            let time = unsafe self.curl.getdate(text, nil)
            return time < 0 ? nil : Int64(time)
        }
        head.lastModified = seconds("last-modified")
        head.date = seconds("date")
    }

    /// Fills what libcurl sends next.
    fileprivate func send(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        self.state.withLock { state in
            let rest = state.request.body.length - state.sent
            let wanted = Int(min(rest, Int64(buffer.count)))
            guard wanted > 0 else { return 0 }
            switch state.request.body {
            case .none: return 0
            case .bytes(let bytes):
                unsafe buffer.copyBytes(from: bytes[Int(state.sent)..<Int(state.sent) + wanted])
            case .file(let descriptor, let offset, _):
                var count = 0
                repeat {
                    count = unsafe pread(descriptor, buffer.baseAddress, wanted, off_t(offset + state.sent))
                } while count < 0 && errno == EINTR
                guard count > 0 else {
                    state.ownFailure = TransferFailure(
                        count == 0
                            ? "\(self.subject): the file became shorter while it was sent"
                            : "\(self.subject): \(SystemError("read", "the file that is sent"))"
                    )
                    return Int(CURL_READFUNC_ABORT)
                }
                state.sent += Int64(count)
                self.progress?.add(Int64(count))
                return count
            }
            state.sent += Int64(wanted)
            self.progress?.add(Int64(wanted))
            return wanted
        }
    }

    fileprivate func seek(to offset: Int64) -> Bool {
        self.state.withLock { state in
            guard (0...state.request.body.length).contains(offset) else { return false }
            self.progress?.add(offset - state.sent)
            state.sent = offset
            return true
        }
    }
}

/// What libcurl calls, each with the exchange it is for. The exchange is kept by the loop while its handle lives.
enum ExchangeCallbacks {
    static let body: heddle_curl_data_function = { data, size, count, context in
        guard let context = unsafe context, let data = unsafe data else { return 0 }
        let exchange = unsafe Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue()
        return unsafe exchange.receive(UnsafeRawBufferPointer(start: data, count: size * count))
    }

    static let header: heddle_curl_data_function = { data, size, count, context in
        guard let context = unsafe context, let data = unsafe data else { return 0 }
        let exchange = unsafe Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue()
        return unsafe exchange.receiveHeader(UnsafeRawBufferPointer(start: data, count: size * count))
    }

    static let read: heddle_curl_data_function = { data, size, count, context in
        guard let context = unsafe context, let data = unsafe data else { return 0 }
        let exchange = unsafe Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue()
        return unsafe exchange.send(into: UnsafeMutableRawBufferPointer(start: data, count: size * count))
    }

    static let seek: heddle_curl_seek_function = { context, offset, origin in
        guard let context = unsafe context, origin == SEEK_SET else { return CURL_SEEKFUNC_CANTSEEK }
        let exchange = unsafe Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue()
        return exchange.seek(to: Int64(offset)) ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
    }
}
