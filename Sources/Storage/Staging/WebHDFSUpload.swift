/// CREATE of one file. Elsewhere it has two steps, of which the first answers where the bytes go, which on HDFS is another
/// machine; Heddle's own server takes a short file with the first step. It knows by `heddle.writer` who repeats a step whose
/// answer was lost; other servers pass the parameter over.
struct WebHDFSUpload {
    private let file: UploadedFile
    private let location: ResourceLocation
    private let files: WebHDFSFiles
    private let progress: TransferProgress?
    private let subject: String
    private let writer = String(UInt64.random(in: 0...UInt64.max), radix: 16)
    /// Whether the one who is writing the file may be this upload, in an attempt that broke.
    private var mayBeWriter = false

    /// What goes with the first step, in bytes. Of a longer file it is worth to know first that it is welcome.
    private static let shortBytes: Int64 = 64 << 10
    /// In the address that the first step answers, if the server is Heddle's own.
    private static let ownMark = "&\(OwnParameters.stream)="

    init(
        _ file: UploadedFile,
        to location: ResourceLocation,
        of files: WebHDFSFiles,
        _ progress: TransferProgress?
    ) {
        self.file = file
        self.location = location
        self.files = files
        self.progress = progress
        self.subject = "Resource \(location) cannot be written"
    }

    mutating func run() throws(TransferFailure) {
        var plan = RetryPlan(self.files.calls.settings)
        var once = self.files.calls
        once.settings.attemptsMaximum = 1
        while true {
            self.progress?.start(of: self.file.length)
            let failure: TransferFailure
            do throws(TransferFailure) {
                return try self.attempt(once)
            } catch {
                failure = error
            }
            guard let pause = plan.pause(after: failure, chance: self.files.calls.chance()) else {
                throw plan.final(failure)
            }
            try Download.wait(pause, self.files.calls.cancellation)
        }
    }

    private mutating func attempt(_ calls: HTTPCalls) throws(TransferFailure) {
        let isRepeated = self.mayBeWriter
        let words = [("overwrite", "true"), (OwnParameters.writer, self.writer)]
        if self.file.length <= Self.shortBytes, self.files.servers.contains(self.location) {
            let address = try self.files.address(self.location, "CREATE", words + [(OwnParameters.data, "true")])
            let request = HTTPRequest(method: .put, url: address.url)
            let target = try self.send(to: request, calls, mayMove: true, waitsForWriter: isRepeated)
            guard let target else { return }
            // Another server has taken the place of ours, and wants the bytes elsewhere, as all others do.
            self.files.servers.remove(self.location)
            self.progress?.start(of: self.file.length)
            return try self.sendOn(from: address, to: target, calls)
        }
        let address = try self.files.address(self.location, "CREATE", words)
        let first = try calls.call(
            self.subject,
            accepts: { $0.head.status == 307 && $0.redirect != nil },
            failure: { WebHDFSFiles.failure("written", self.location, $0, waitsForWriter: isRepeated) },
            request: { HTTPRequest(method: .put, url: address.url, followsRedirects: false) }
        )
        guard let target = first.answer.redirect else { throw TransferFailure(self.subject) }
        if target.contains(Self.ownMark),
            target.prefix(while: { $0 != "?" }) == address.url.prefix(while: { $0 != "?" })
        {
            self.files.servers.insert(self.location)
        }
        try self.sendOn(from: address, to: target, calls)
    }

    /// The second step.
    private mutating func sendOn(
        from address: HTTPAddress,
        to target: String,
        _ calls: HTTPCalls
    ) throws(TransferFailure) {
        let request = try RedirectRule.follow(HTTPRequest(method: .put, url: address.url), to: target)
        _ = try self.send(to: request, calls, mayMove: false, waitsForWriter: true)
    }

    /// - Parameter mayMove: whether the server may want the bytes elsewhere.
    /// - Returns: where it wants them; nil when it has taken them.
    private mutating func send(
        to place: HTTPRequest,
        _ calls: HTTPCalls,
        mayMove: Bool,
        waitsForWriter: Bool
    ) throws(TransferFailure) -> String? {
        self.mayBeWriter = true
        var request = place
        request.headers = [HTTPRequest.Header(name: "Content-Type", value: "application/octet-stream")]
        request.body = .file(descriptor: self.file.descriptor, offset: 0, length: self.file.length)
        request.followsRedirects = false
        return try calls.call(
            self.subject,
            progress: self.progress,
            accepts: { $0.head.status == 201 || mayMove && $0.head.status == 307 && $0.redirect != nil },
            failure: { WebHDFSFiles.failure("written", self.location, $0, waitsForWriter: waitsForWriter) },
            request: { request }
        ).answer.redirect
    }
}
