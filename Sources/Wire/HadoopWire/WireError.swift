/// Bytes that are not what the protocol says they must be.
package enum WireError: Error, Hashable, Sendable {
    /// The bytes end inside a field.
    case truncated
    /// A number of more than ten bytes, or one that does not fit its type.
    case malformedVarint
    /// A protobuf field with a wire type that does not exist or is not used.
    case malformedField
    case invalidUTF8
    /// A required field is absent.
    case missingField(String)
    /// A frame's length is zero or negative.
    case invalidFrameLength(Int)
    case frameTooLong(length: Int, maximum: Int)
    /// A list says that it has more entries than `WireLimits` allows.
    case tooManyEntries(Int)
}

extension WireError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .truncated: "the bytes end inside a field"
        case .malformedVarint: "a number has too many bytes"
        case .malformedField: "a field has an unknown wire type"
        case .invalidUTF8: "a text is not UTF-8"
        case .missingField(let name): "the field \(name) is missing"
        case .invalidFrameLength(let length): "Unexpected data length \(length)"
        case .frameTooLong(let length, let maximum):
            "Requested data length \(length) is longer than maximum configured RPC length \(maximum)"
        case .tooManyEntries(let count): "a list says that it has \(count) entries"
        }
    }
}

/// Why a server refuses a connection or a token, as the client is told.
package struct WireRefusal: Error, Hashable, Sendable {
    package var detail: RPCErrorDetail
    package var exceptionClass: String
    package var message: String

    package init(detail: RPCErrorDetail, exceptionClass: String, message: String) {
        self.detail = detail
        self.exceptionClass = exceptionClass
        self.message = message
    }

    static func unauthorized(_ exceptionClass: String, _ message: String) -> WireRefusal {
        WireRefusal(detail: .fatalUnauthorized, exceptionClass: exceptionClass, message: message)
    }

    static func invalidHeader(_ message: String) -> WireRefusal {
        WireRefusal(detail: .fatalInvalidRPCHeader, exceptionClass: JavaClass.rpcServer, message: message)
    }
}
