/// `RpcRequestHeaderProto`, read and written by hand because every call has one: no allocation but the caller context.
struct RequestHeader: Sendable {
    var rpcKind: UInt64?
    var operation: UInt64?
    var callID: Int32
    /// Where the client id lies in the frame.
    var clientID: Range<Int>
    var retryCount: Int32
    /// What the client says the call is part of (`hadoop.caller.context`).
    var callerContext: String?

    /// Reads the header that lies at `range` of a frame.
    init(_ frame: Span<UInt8>, at range: Range<Int>) throws(WireError) {
        var offset = range.lowerBound
        let end = range.upperBound
        var callID: Int32?
        var clientID: Range<Int>?
        self.rpcKind = nil
        self.operation = nil
        self.retryCount = -1
        self.callerContext = nil
        while offset < end {
            let tag = try frame.varint(at: &offset, before: end)
            switch tag {
            case 0x08: self.rpcKind = try frame.varint(at: &offset, before: end)
            case 0x10: self.operation = try frame.varint(at: &offset, before: end)
            case 0x18: callID = try unZigZag(try frame.varint(at: &offset, before: end))
            case 0x22: clientID = try frame.delimited(at: &offset, before: end)
            case 0x28: self.retryCount = try unZigZag(try frame.varint(at: &offset, before: end))
            case 0x3A:
                let context = try frame.delimited(at: &offset, before: end)
                self.callerContext = try Self.callerContext(frame, at: context)
            default: try frame.skipField(wireType: tag & 7, at: &offset, before: end)
            }
        }
        guard let callID else { throw .missingField("callId") }
        guard let clientID else { throw .missingField("clientId") }
        self.callID = callID
        self.clientID = clientID
    }

    private static func callerContext(_ frame: Span<UInt8>, at range: Range<Int>) throws(WireError) -> String? {
        var offset = range.lowerBound
        var context: Range<Int>?
        while offset < range.upperBound {
            let tag = try frame.varint(at: &offset, before: range.upperBound)
            if tag == 0x0A {
                context = try frame.delimited(at: &offset, before: range.upperBound)
            } else {
                try frame.skipField(wireType: tag & 7, at: &offset, before: range.upperBound)
            }
        }
        guard let context else { return nil }
        return try frame.string(context)
    }

    /// Appends a delimited header to an outgoing frame.
    static func append(callID: Int32, clientID: [UInt8], retryCount: Int32, to frame: inout [UInt8]) {
        let call = zigZag(callID)
        let retry = zigZag(retryCount)
        // Seven bytes are tags and constants.
        let length =
            7 + [UInt8].varintLength(call) + [UInt8].varintLength(UInt64(clientID.count)) + clientID.count
            + [UInt8].varintLength(retry)
        frame.append(varint: UInt64(length))
        frame.append(contentsOf: [0x08, UInt8(RPCKind.protocolBuffer), 0x10, 0x00, 0x18])
        frame.append(varint: call)
        frame.append(delimited: clientID, tag: 0x22)
        frame.append(0x28)
        frame.append(varint: retry)
    }
}
