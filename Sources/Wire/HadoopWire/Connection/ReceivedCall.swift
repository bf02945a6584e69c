/// A call as it came from the wire.
package struct ReceivedCall: Hashable, Sendable {
    package var callID: Int32
    package var clientID: [UInt8]
    package var retryCount: Int32
    package var signature: CallSignature
    /// The request message's own bytes.
    package var request: [UInt8]
    package var callerContext: String?
}

/// Which method of which protocol is called.
package struct CallSignature: Hashable, Sendable {
    package var method: String
    package var protocolName: String
    package var protocolVersion: UInt64

    package init(method: String, protocolName: String, protocolVersion: UInt64) {
        self.method = method
        self.protocolName = protocolName
        self.protocolVersion = protocolVersion
    }

    /// Reads `RequestHeaderProto`.
    init(_ frame: Span<UInt8>, at range: Range<Int>) throws(WireError) {
        var offset = range.lowerBound
        let end = range.upperBound
        var method: String?
        var protocolName: String?
        var version: UInt64?
        while offset < end {
            let tag = try frame.varint(at: &offset, before: end)
            switch tag {
            case 0x0A: method = try frame.string(try frame.delimited(at: &offset, before: end))
            case 0x12: protocolName = try frame.string(try frame.delimited(at: &offset, before: end))
            case 0x18: version = try frame.varint(at: &offset, before: end)
            default: try frame.skipField(wireType: tag & 7, at: &offset, before: end)
            }
        }
        guard let method else { throw .missingField("methodName") }
        guard let protocolName else { throw .missingField("declaringClassProtocolName") }
        guard let version else { throw .missingField("clientProtocolVersion") }
        self.init(method: method, protocolName: protocolName, protocolVersion: version)
    }

    /// `RequestHeaderProto`.
    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(delimited: self.method.utf8, tag: 0x0A)
        bytes.append(delimited: self.protocolName.utf8, tag: 0x12)
        bytes.append(0x18)
        bytes.append(varint: self.protocolVersion)
        return bytes
    }
}
