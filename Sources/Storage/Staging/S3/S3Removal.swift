import Crypto
import FoundationEssentials

/// Removes objects: as many with one request as S3 takes, and one by one where a store does not know that ("DeleteObjects" in
/// Amazon's API reference).
struct S3Removal {
    private let files: S3Files
    /// What is removed, in errors.
    private let location: ResourceLocation
    private var takesMany: Bool

    static let keysMaximum = 1000

    init(_ files: S3Files, _ location: ResourceLocation) {
        self.files = files
        self.location = location
        self.takesMany = files.settings[bucket: files.bucket].removesMany
    }

    mutating func remove(_ keys: [String]) throws(TransferFailure) {
        var rest: [String] = []
        var together: [String] = []
        for key in keys {
            if self.takesMany, Self.fitsXML(key) { together.append(key) } else { rest.append(key) }
        }
        for start in stride(from: 0, to: together.count, by: Self.keysMaximum) {
            let some = Array(together[start..<min(start + Self.keysMaximum, together.count)])
            rest += try self.takesMany ? self.removeTogether(some) : some
        }
        for key in rest { try self.files.remove(self.location, key) }
    }

    /// XML has no way to write most control characters, and a reader of it makes one of several line ends.
    private static func fitsXML(_ key: String) -> Bool {
        key.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 0xFFFE && $0.value != 0xFFFF }
    }

    /// - Returns: those that are left, since the store does not know such a request.
    private mutating func removeTogether(_ keys: [String]) throws(TransferFailure) -> [String] {
        let (files, location) = (self.files, self.location)
        var left = keys
        do throws(TransferFailure) {
            try files.ask(
                "deleted",
                location,
                for: "DeleteResult",
                request: { () throws(TransferFailure) in
                    let objects = left.map { "<Object><Key>\(S3Answer.escaped($0))</Key></Object>" }
                    let body = Array("<Delete><Quiet>true</Quiet>\(objects.joined())</Delete>".utf8)
                    let digest = Data(Insecure.MD5.hash(data: body)).base64EncodedString()
                    return try files.request(
                        .post,
                        key: nil,
                        query: [(name: "delete", value: "")],
                        headers: [S3Files.xml, HTTPRequest.Header(name: "Content-MD5", value: digest)],
                        body: .bytes(body)
                    )
                },
                check: { (answer: S3Answer) throws(TransferFailure) in
                    let refused = try Self.refused(answer, of: left, location)
                    if let failure = refused.failure {
                        left = refused.keys
                        throw failure
                    }
                }
            )
            return []
        } catch {
            guard Self.isUnknown(error) else { throw error }
            self.takesMany = false
            return left
        }
    }

    private static func isUnknown(_ failure: TransferFailure) -> Bool {
        failure.status == 501 || failure.status == 405
            || ["NotImplemented", "MethodNotAllowed", "MalformedXML"].contains(failure.code ?? "")
    }

    /// What a quiet answer still says: the keys that are not removed.
    /// - Returns: a failure that trying again does not help against, where there is one; else one that may pass, with its keys.
    private static func refused(
        _ answer: S3Answer,
        of keys: [String],
        _ location: ResourceLocation
    ) throws(TransferFailure) -> (failure: TransferFailure?, keys: [String]) {
        let asked = Set(keys)
        var found: [(key: String, refusal: S3Refusal)] = []
        for error in answer.all("Error") {
            // Nothing is asked for again that was not asked for.
            guard let key = error["Key"], let refusal = S3Refusal(error), asked.contains(key) else {
                throw TransferFailure(
                    "Resource \(location) cannot be deleted: its server does not speak S3's protocol: check fs.s3a.endpoint"
                )
            }
            if refusal.code != "NoSuchKey" { found.append((key, refusal)) }
        }
        guard let first = found.first(where: { !$0.refusal.isTransient }) ?? found.first else { return (nil, []) }
        var object = location
        object.path = "/" + first.key
        var failure = TransferFailure("Resource \(object) cannot be deleted")
        first.refusal.explain(&failure)
        if found.count > 1 { failure.description += ", and \(found.count - 1) more of a request for \(keys.count)" }
        return (failure, found.map(\.key))
    }
}
