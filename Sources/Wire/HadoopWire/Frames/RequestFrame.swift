/// Whole frames from a client to a server.
package enum RequestFrame {
    /// Appends a call.
    package static func appendCall(
        _ callID: Int32,
        clientID: [UInt8],
        signature: CallSignature,
        request: [UInt8],
        retryCount: Int32 = 0,
        to bytes: inout [UInt8]
    ) {
        let signature = signature.encoded
        self.append(callID, retryCount: retryCount, clientID: clientID, to: &bytes) { frame in
            frame.append(delimited: signature)
            frame.append(delimited: request)
        }
    }

    /// Appends a ping, which the server does not answer.
    package static func appendPing(clientID: [UInt8], to bytes: inout [UInt8]) {
        self.append(CallID.ping, retryCount: -1, clientID: clientID, to: &bytes) { _ in }
    }

    static func append(
        _ callID: Int32,
        retryCount: Int32,
        clientID: [UInt8],
        to bytes: inout [UInt8],
        content: (inout [UInt8]) -> Void
    ) {
        let start = bytes.count
        bytes.append(bigEndian: 0)
        RequestHeader.append(callID: callID, clientID: clientID, retryCount: retryCount, to: &bytes)
        content(&bytes)
        let length = UInt32(bytes.count - start - 4)
        for index in 0..<4 {
            bytes[start + index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * index))
        }
    }
}
