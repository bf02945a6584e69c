import CLibcurl
import Dispatch
import Synchronization

/// The one thread of all transfers: a libcurl multi handle that shares connections, host names and TLS sessions, and
/// speaks HTTP/2 where a server offers it. The thread starts with the first request and ends, closing what is kept
/// open, when there was none for a while.
package final class TransferLoop: Sendable {
    /// For whoever has no limits of its own.
    package static let shared = TransferLoop()

    @safe private struct Inbox {
        var waiting: [HTTPExchange] = []
        var isRunning = false
        /// The thread waits for something to happen: else it looks here by itself.
        var isAsleep = false
        var multi: heddle_curl_multi?
    }

    private let inbox = Mutex(Inbox())
    let hostConnectionsMaximum: Int
    let connectionsMaximum: Int
    /// What was learned of servers on the way.
    let ownServers = OwnServers()

    /// How long unused connections stay open.
    private static let idleMaximum: Duration = .seconds(30)
    /// How soon a cancellation is seen that wakes nobody, in milliseconds.
    private static let interval: Int32 = 100

    /// - Parameters:
    ///   - hostConnectionsMaximum: connections to one host and port; more requests wait.
    ///   - connectionsMaximum: connections in all.
    package init(hostConnectionsMaximum: Int = 8, connectionsMaximum: Int = 64) {
        self.hostConnectionsMaximum = hostConnectionsMaximum
        self.connectionsMaximum = connectionsMaximum
    }

    /// Starts a request; its `done` is called in any case, on the loop's thread.
    func start(_ exchange: HTTPExchange) {
        let startsThread = self.inbox.withLock { inbox in
            inbox.waiting.append(exchange)
            if inbox.isAsleep { Self.wake(inbox) }
            defer { inbox.isRunning = true }
            return !inbox.isRunning
        }
        if startsThread { DispatchQueue(label: "heddle.transfers").async { self.run() } }
    }

    func cancel(_ exchange: HTTPExchange) {
        exchange.cancel()
        self.inbox.withLock { Self.wake($0) }
    }

    private static func wake(_ inbox: Inbox) {
        guard let multi = unsafe inbox.multi, case .success(let curl) = LibraryCurl.loaded else { return }
        _ = unsafe curl.multi_wakeup(multi.handle)
    }

    private func run() {
        guard case .success(let curl) = LibraryCurl.loaded, let handle = curl.multi_init() else {
            let waiting = self.inbox.withLock { inbox in
                defer { inbox = Inbox() }
                return inbox.waiting
            }
            for exchange in waiting {
                exchange.finish(.failure(TransferFailure("\(exchange.subject): libcurl cannot be started")))
            }
            return
        }
        let multi = unsafe heddle_curl_multi(handle: handle)
        var round = unsafe RunningExchanges(curl, multi)
        round.limit(host: self.hostConnectionsMaximum, total: self.connectionsMaximum)
        self.inbox.withLock { unsafe $0.multi = unsafe multi }
        var idleSince = ContinuousClock.now
        while true {
            let waiting = self.inbox.withLock { inbox in
                inbox.isAsleep = false
                defer { inbox.waiting = [] }
                return inbox.waiting
            }
            for exchange in waiting { round.start(exchange) }
            round.step()
            if round.isEmpty {
                if ContinuousClock.now - idleSince > Self.idleMaximum, self.leaves() { break }
            } else {
                idleSince = .now
            }
            let sleeps = self.inbox.withLock { inbox in
                inbox.isAsleep = inbox.waiting.isEmpty
                return inbox.isAsleep
            }
            if sleeps { round.wait(milliseconds: round.isEmpty ? 1000 : Self.interval) }
        }
        _ = unsafe curl.multi_cleanup(handle)
    }

    /// Ends the thread unless a request came in the meantime; nobody wakes the handle afterwards.
    private func leaves() -> Bool {
        self.inbox.withLock { inbox in
            guard inbox.waiting.isEmpty else { return false }
            inbox = Inbox()
            return true
        }
    }
}

/// The requests in work, each with what libcurl needs as long as its handle lives. Stays on the loop's thread.
@safe private struct RunningExchanges {
    @safe private struct Entry {
        var exchange: HTTPExchange
        var handle: UnsafeMutableRawPointer
        var headers: UnsafeMutablePointer<curl_slist>?
        var errorText: UnsafeMutablePointer<CChar>
    }

    private var curl: heddle_curl
    private let multi: heddle_curl_multi
    private var entries: [UInt: Entry] = [:]

    init(_ curl: heddle_curl, _ multi: heddle_curl_multi) {
        self.curl = curl
        unsafe self.multi = unsafe multi
    }

    var isEmpty: Bool { self.entries.isEmpty }

    mutating func limit(host: Int, total: Int) {
        let options: [(CURLMoption, Int)] = [
            (CURLMOPT_MAX_HOST_CONNECTIONS, host), (CURLMOPT_MAX_TOTAL_CONNECTIONS, total),
            (CURLMOPT_MAXCONNECTS, total), (CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX)),
        ]
        for (option, value) in options {
            _ = unsafe heddle_curl_multi_set_long(&self.curl, self.multi.handle, option, value)
        }
    }

    mutating func start(_ exchange: HTTPExchange) {
        if exchange.isCancelled { return exchange.finish(.failure(.cancelled)) }
        guard let handle = unsafe self.curl.easy_init() else {
            return exchange.finish(.failure(TransferFailure("\(exchange.subject): libcurl cannot be started")))
        }
        let request = exchange.request
        var headers: UnsafeMutablePointer<curl_slist>?
        // No pause to hear "100 Continue": a refusal costs less than a round trip for every upload.
        var lines = ["Expect:"]
        lines += (request.headers + request.secretHeaders).map { header in
            header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)"
        }
        for line in lines {
            unsafe headers = self.curl.slist_append(headers, line) ?? headers
        }
        let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        let entry = unsafe Entry(exchange: exchange, handle: handle, headers: headers, errorText: errorText)
        let code = unsafe exchange.configure(handle, headers: headers, errorText: errorText)
        guard code == CURLE_OK else {
            let text = unsafe String(cString: errorText)
            self.free(entry)
            _ = exchange.ended(code, errorText: text, redirect: nil)
            return
        }
        guard unsafe self.curl.multi_add_handle(self.multi.handle, handle) == CURLM_OK else {
            self.free(entry)
            return exchange.finish(.failure(TransferFailure("\(exchange.subject): libcurl takes no more transfers")))
        }
        self.entries[UInt(bitPattern: handle)] = entry
    }

    /// Moves bytes, and ends what has ended or is to end.
    mutating func step() {
        var running: Int32 = 0
        _ = unsafe self.curl.multi_perform(self.multi.handle, &running)
        var code = CURLE_OK
        while let handle = unsafe heddle_curl_multi_ended(&self.curl, self.multi.handle, &code) {
            guard let entry = self.entries.removeValue(forKey: UInt(bitPattern: handle)) else { continue }
            let text = unsafe String(cString: entry.errorText)
            var target: UnsafePointer<CChar>?
            _ = unsafe heddle_curl_get_text(&self.curl, handle, CURLINFO_REDIRECT_URL, &target)
            let redirect = unsafe target.map { unsafe String(cString: $0) }
            _ = unsafe self.curl.multi_remove_handle(self.multi.handle, handle)
            self.free(entry)
            let exchange = entry.exchange
            if exchange.ended(code, errorText: text, redirect: redirect) { self.start(exchange) }
        }
        for (key, entry) in self.entries where entry.exchange.isCancelled {
            self.entries[key] = nil
            _ = unsafe self.curl.multi_remove_handle(self.multi.handle, entry.handle)
            self.free(entry)
            entry.exchange.finish(.failure(.cancelled))
        }
    }

    /// Sleeps until something moves, `multi_wakeup` is called, or the time is over.
    func wait(milliseconds: Int32) {
        var ready: Int32 = 0
        _ = unsafe self.curl.multi_poll(self.multi.handle, nil, 0, milliseconds, &ready)
    }

    private func free(_ entry: Entry) {
        unsafe self.curl.easy_cleanup(entry.handle)
        unsafe self.curl.slist_free_all(entry.headers)
        unsafe entry.errorText.deallocate()
    }
}
