package import ClusterModel

/// What a delegation token of HDFS says of itself, and WebHDFS's with it: Hadoop's `AbstractDelegationTokenIdentifier` in
/// its `Writable` form.
package struct HDFSTokenIdentifier: Hashable, Sendable {
    package var owner: String
    package var renewer: String
    /// Empty when the owner asked for it itself.
    package var realUser: String
    package var issueDate: Timestamp
    package var maxDate: Timestamp
    package var sequenceNumber: Int32
    package var masterKeyID: Int32

    package init(
        owner: String,
        renewer: String,
        realUser: String,
        issueDate: Timestamp,
        maxDate: Timestamp,
        sequenceNumber: Int32,
        masterKeyID: Int32
    ) {
        self.owner = owner
        self.renewer = renewer
        self.realUser = realUser
        self.issueDate = issueDate
        self.maxDate = maxDate
        self.sequenceNumber = sequenceNumber
        self.masterKeyID = masterKeyID
    }

    /// - Throws: `WireError` for bytes that end early, go on too long or are of another version than 0.
    package init(bytes: [UInt8]) throws(WireError) {
        var reader = WritableReader(bytes)
        guard try reader.byte() == 0 else { throw .malformedField }
        self.owner = try reader.text()
        self.renewer = try reader.text()
        self.realUser = try reader.text()
        self.issueDate = Timestamp(milliseconds: try reader.variableInt())
        self.maxDate = Timestamp(milliseconds: try reader.variableInt())
        guard let number = Int32(exactly: try reader.variableInt()),
            let key = Int32(exactly: try reader.variableInt()), reader.offset == bytes.count
        else { throw .malformedField }
        self.sequenceNumber = number
        self.masterKeyID = key
    }

    package var bytes: [UInt8] {
        var bytes: [UInt8] = [0]
        bytes.append(writableRun: self.owner.utf8)
        bytes.append(writableRun: self.renewer.utf8)
        bytes.append(writableRun: self.realUser.utf8)
        bytes.append(variableInt: self.issueDate.milliseconds)
        bytes.append(variableInt: self.maxDate.milliseconds)
        bytes.append(variableInt: Int64(self.sequenceNumber))
        bytes.append(variableInt: Int64(self.masterKeyID))
        return bytes
    }
}

extension TokenKind {
    package static let webHDFS = "WEBHDFS delegation"
    package static let secureWebHDFS = "SWEBHDFS delegation"
    package static let ofWebHDFS: Set<String> = [webHDFS, secureWebHDFS]
}

extension HadoopToken {
    /// Hadoop's `Token.encodeToUrlString`: the `Writable` form in the base64 of RFC 4648, section 5, without padding.
    package var urlString: String {
        var bytes: [UInt8] = []
        bytes.append(writableRun: self.identifier)
        bytes.append(writableRun: self.password)
        bytes.append(writableRun: self.kind.utf8)
        bytes.append(writableRun: self.service.utf8)
        let text = Base64.encode(bytes).utf8.compactMap { byte -> UInt8? in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            case UInt8(ascii: "="): nil
            default: byte
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// - Returns: nil for text that is no token.
    package init?(urlString: String) {
        var text = urlString.utf8.compactMap { byte -> UInt8? in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            case UInt8(ascii: "="): nil
            default: byte
            }
        }
        while !text.count.isMultiple(of: 4) { text.append(UInt8(ascii: "=")) }
        guard let bytes = Base64.decode(String(decoding: text, as: UTF8.self)) else { return nil }
        var reader = WritableReader(bytes)
        do throws(WireError) {
            self.init(
                identifier: try reader.run(),
                password: try reader.run(),
                kind: try reader.text(),
                service: try reader.text()
            )
        } catch {
            return nil
        }
        guard reader.offset == bytes.count else { return nil }
    }
}
