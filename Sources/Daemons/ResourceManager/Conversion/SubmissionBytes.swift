import ClusterModel
import HadoopProtos
import ModelConversion
import SwiftProtobuf

/// Takes the submission context out of its request as the bytes that the client sent.
enum SubmissionBytes {
    /// - Throws: `ConversionError` when the request has no context.
    static func context(in request: [UInt8]) throws(ConversionError) -> OpaqueBytes {
        if let bytes = self.onlyField(1, in: request) {
            return OpaqueBytes(bytes)
        }
        // Written in several parts, which only a parser can put together; it keeps unknown fields too.
        let message: SubmitApplicationRequestProto
        do {
            message = try SubmitApplicationRequestProto(serializedBytes: request)
        } catch {
            throw ConversionError(field: "SubmitApplicationRequestProto", problem: "is not readable: \(error)")
        }
        guard message.hasApplicationSubmissionContext,
            let bytes = try? message.applicationSubmissionContext.serializedBytes() as [UInt8]
        else { throw ConversionError(field: "application_submission_context", problem: "is missing") }
        return OpaqueBytes(bytes)
    }

    /// Contents of a length-delimited field that makes up the whole message, as it does in every client's request.
    private static func onlyField(_ number: UInt8, in message: [UInt8]) -> [UInt8]? {
        guard message.first == number << 3 | 2 else { return nil }
        var length = 0
        for (index, byte) in message.dropFirst().prefix(Self.lengthBytesMaximum).enumerated() {
            length |= Int(byte & 0x7F) << (7 * index)
            guard byte & 0x80 == 0 else { continue }
            let start = index + 2
            return message.count - start == length ? Array(message[start...]) : nil
        }
        return nil
    }

    /// A length of up to 2 GiB as a varint.
    private static let lengthBytesMaximum = 5
}
