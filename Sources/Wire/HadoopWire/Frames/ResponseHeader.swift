/// `RpcResponseHeaderProto`: which call it answers, and how the call ended.
package struct ResponseHeader: Hashable, Sendable {
    package enum Status: Hashable, Sendable {
        case success
        /// The call failed; the connection goes on.
        case error(Failure)
        /// The connection ends.
        case fatal(Failure)
    }

    package struct Failure: Hashable, Sendable {
        package var detail: RPCErrorDetail
        package var exceptionClass: String
        package var message: String

        package init(detail: RPCErrorDetail, exceptionClass: String, message: String) {
            self.detail = detail
            self.exceptionClass = exceptionClass
            self.message = message
        }
    }

    package var callID: Int32
    package var status: Status
    /// The client's own id, echoed.
    package var clientID: [UInt8]
    package var retryCount: Int32

    package init(callID: Int32, status: Status, clientID: [UInt8], retryCount: Int32) {
        self.callID = callID
        self.status = status
        self.clientID = clientID
        self.retryCount = retryCount
    }

    /// A header of the connection itself: no client, no retries.
    package init(connection callID: Int32, status: Status = .success) {
        self.init(callID: callID, status: status, clientID: [], retryCount: -1)
    }

    /// Appends a whole frame: length, header and, on success, the response message.
    package func appendFrame(message: [UInt8], to bytes: inout [UInt8]) {
        let headerLength = self.encodedLength
        var frameLength = [UInt8].varintLength(UInt64(headerLength)) + headerLength
        // A client refuses an error that anything follows.
        let hasMessage = self.failure == nil
        if hasMessage { frameLength += [UInt8].varintLength(UInt64(message.count)) + message.count }
        bytes.append(bigEndian: UInt32(frameLength))
        bytes.append(varint: UInt64(headerLength))
        self.append(to: &bytes)
        if hasMessage { bytes.append(delimited: message) }
    }

    private var failure: Failure? {
        switch self.status {
        case .success: nil
        case .error(let failure), .fatal(let failure): failure
        }
    }

    /// Bytes that `append(to:)` takes.
    private var encodedLength: Int {
        func run(_ count: Int) -> Int { 1 + [UInt8].varintLength(UInt64(count)) + count }
        func number(_ value: UInt64) -> Int { 1 + [UInt8].varintLength(value) }
        var length = number(UInt64(UInt32(bitPattern: self.callID))) + number(0) + number(UInt64(IPCProtocol.version))
        if let failure = self.failure {
            length += run(failure.exceptionClass.utf8.count) + run(failure.message.utf8.count)
            length += number(UInt64(failure.detail.rawValue))
        }
        return length + run(self.clientID.count) + number(zigZag(self.retryCount))
    }

    private func append(to bytes: inout [UInt8]) {
        bytes.append(0x08)
        bytes.append(varint: UInt64(UInt32(bitPattern: self.callID)))
        bytes.append(0x10)
        bytes.append(self.status.code)
        bytes.append(0x18)
        bytes.append(IPCProtocol.version)
        if let failure = self.failure {
            bytes.append(delimited: failure.exceptionClass.utf8, tag: 0x22)
            bytes.append(delimited: failure.message.utf8, tag: 0x2A)
            bytes.append(0x30)
            bytes.append(varint: UInt64(failure.detail.rawValue))
        }
        bytes.append(delimited: self.clientID, tag: 0x3A)
        bytes.append(0x40)
        bytes.append(varint: zigZag(self.retryCount))
    }
}

extension ResponseHeader.Status {
    /// `RpcStatusProto`.
    fileprivate var code: UInt8 {
        switch self {
        case .success: 0
        case .error: 1
        case .fatal: 2
        }
    }
}

extension ResponseHeader {
    /// Reads the header that lies at `range` of a frame.
    init(_ frame: Span<UInt8>, at range: Range<Int>) throws(WireError) {
        var offset = range.lowerBound
        let end = range.upperBound
        var callID: Int32?
        var status: UInt64?
        var failure = Failure(detail: .fatalUnknown, exceptionClass: JavaClass.io, message: "")
        self.init(connection: CallID.connectionFailed)
        while offset < end {
            let tag = try frame.varint(at: &offset, before: end)
            switch tag {
            case 0x08:
                callID = Int32(truncatingIfNeeded: try frame.varint(at: &offset, before: end))
            case 0x10: status = try frame.varint(at: &offset, before: end)
            case 0x22: failure.exceptionClass = try frame.string(try frame.delimited(at: &offset, before: end))
            case 0x2A: failure.message = try frame.string(try frame.delimited(at: &offset, before: end))
            case 0x30:
                let detail = Int(truncatingIfNeeded: try frame.varint(at: &offset, before: end))
                failure.detail = RPCErrorDetail(rawValue: detail) ?? .fatalUnknown
            case 0x3A: self.clientID = frame.array(try frame.delimited(at: &offset, before: end))
            case 0x40: self.retryCount = try unZigZag(try frame.varint(at: &offset, before: end))
            default: try frame.skipField(wireType: tag & 7, at: &offset, before: end)
            }
        }
        guard let callID else { throw .missingField("callId") }
        self.callID = callID
        switch status {
        case 0: self.status = .success
        case 1: self.status = .error(failure)
        case 2: self.status = .fatal(failure)
        default: throw .missingField("status")
        }
    }
}
