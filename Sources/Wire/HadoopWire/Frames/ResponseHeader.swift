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
        let header = self.encoded
        let headerLength = [UInt8].varintLength(UInt64(header.count)) + header.count
        guard case .success = self.status else {
            // A client refuses an error that anything follows.
            bytes.append(bigEndian: UInt32(headerLength))
            bytes.append(delimited: header)
            return
        }
        let messageLength = [UInt8].varintLength(UInt64(message.count)) + message.count
        bytes.reserveCapacity(bytes.count + 4 + headerLength + messageLength)
        bytes.append(bigEndian: UInt32(headerLength + messageLength))
        bytes.append(delimited: header)
        bytes.append(delimited: message)
    }

    private var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(48)
        bytes.append(0x08)
        bytes.append(varint: UInt64(UInt32(bitPattern: self.callID)))
        bytes.append(0x10)
        let failure: Failure?
        switch self.status {
        case .success:
            bytes.append(0)
            failure = nil
        case .error(let reason):
            bytes.append(1)
            failure = reason
        case .fatal(let reason):
            bytes.append(2)
            failure = reason
        }
        bytes.append(0x18)
        bytes.append(IPCProtocol.version)
        if let failure {
            bytes.append(delimited: failure.exceptionClass.utf8, tag: 0x22)
            bytes.append(delimited: failure.message.utf8, tag: 0x2A)
            bytes.append(0x30)
            bytes.append(varint: UInt64(failure.detail.rawValue))
        }
        bytes.append(delimited: self.clientID, tag: 0x3A)
        bytes.append(0x40)
        bytes.append(varint: zigZag(self.retryCount))
        return bytes
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
