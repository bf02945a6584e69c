import HadoopHTTP
import HadoopProtos

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads ContainerLaunchContextInfo, the `am-container-spec` of a submission.
enum LaunchContextBody {
    /// - Throws: `RESTFailure` 400 that names the member.
    static func context(_ body: RESTBody) throws(RESTFailure) -> ContainerLaunchContextProto {
        var context = ContainerLaunchContextProto()
        for entry in body.first("local-resources")?.all("entry") ?? [] {
            var mapping = StringLocalResourceMapProto()
            mapping.key = try Self.key(entry, of: "local-resources")
            guard let value = entry.first("value") else {
                throw .badRequest("local-resources: the entry \(mapping.key.prefix(255)) has no value.")
            }
            mapping.value = try Self.resource(value)
            context.localResources.append(mapping)
        }
        for entry in body.first("environment")?.all("entry") ?? [] {
            var mapping = StringStringMapProto()
            mapping.key = try Self.key(entry, of: "environment")
            mapping.value = entry.text("value") ?? ""
            context.environment.append(mapping)
        }
        context.command = SubmissionBody.texts(body.first("commands"), "command")
        for entry in body.first("service-data")?.all("entry") ?? [] {
            var mapping = StringBytesMapProto()
            mapping.key = try Self.key(entry, of: "service-data")
            mapping.value = try Self.bytes(entry.text("value") ?? "", of: "service-data")
            context.serviceData.append(mapping)
        }
        for entry in body.first("application-acls")?.all("entry") ?? [] {
            context.applicationAcls.append(try Self.accessControl(entry))
        }
        if let credentials = body.first("credentials") { try Self.readCredentials(credentials, into: &context) }
        return context
    }

    private static func key(_ entry: RESTBody, of map: String) throws(RESTFailure) -> String {
        guard let key = entry.text("key"), !key.isEmpty else { throw .badRequest("\(map): an entry has no key.") }
        return key
    }

    private static func resource(_ body: RESTBody) throws(RESTFailure) -> LocalResourceProto {
        var resource = LocalResourceProto()
        guard let location = body.text("resource"), let url = Self.url(location) else {
            throw .badRequest("local-resources: resource is no URL with a scheme.")
        }
        resource.resource = url
        resource.size = try SubmissionBody.int64(body, "size") ?? -1
        resource.timestamp = try SubmissionBody.int64(body, "timestamp") ?? 0
        switch (body.text("type") ?? "FILE").uppercased() {
        case "FILE": resource.type = .file
        case "ARCHIVE": resource.type = .archive
        case "PATTERN": resource.type = .pattern
        case let other: throw .badRequest("local-resources: type \(other.prefix(64)) is not FILE, ARCHIVE or PATTERN.")
        }
        switch (body.text("visibility") ?? "APPLICATION").uppercased() {
        case "PUBLIC": resource.visibility = .public
        case "PRIVATE": resource.visibility = .private
        case "APPLICATION": resource.visibility = .application
        case let other:
            throw .badRequest(
                "local-resources: visibility \(other.prefix(64)) is not PUBLIC, PRIVATE or APPLICATION."
            )
        }
        if let pattern = body.text("pattern") { resource.pattern = pattern }
        return resource
    }

    /// `scheme://[user@]host[:port]/file`, or `scheme:/file`, in Hadoop's parts.
    private static func url(_ text: String) -> URLProto? {
        guard let colon = text.firstIndex(of: ":"), colon > text.startIndex else { return nil }
        var url = URLProto()
        url.scheme = String(text[..<colon])
        var rest = text[text.index(after: colon)...]
        guard rest.hasPrefix("//") else {
            guard rest.hasPrefix("/") else { return nil }
            url.file = String(rest)
            return url
        }
        rest = rest.dropFirst(2)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        url.file = String(rest[slash...])
        var authority = rest[..<slash]
        if let at = authority.lastIndex(of: "@") {
            url.userInfo = String(authority[..<at])
            authority = authority[authority.index(after: at)...]
        }
        if let colon = authority.lastIndex(of: ":"), let port = Int32(authority[authority.index(after: colon)...]) {
            url.port = port
            authority = authority[..<colon]
        }
        url.host = String(authority)
        return url.file.isEmpty ? nil : url
    }

    private static func accessControl(_ entry: RESTBody) throws(RESTFailure) -> ApplicationACLMapProto {
        var mapping = ApplicationACLMapProto()
        switch try Self.key(entry, of: "application-acls").uppercased() {
        case "VIEW_APP": mapping.accessType = .appaccessViewApp
        case "MODIFY_APP": mapping.accessType = .appaccessModifyApp
        case let other: throw .badRequest("application-acls: \(other.prefix(64)) is not VIEW_APP or MODIFY_APP.")
        }
        mapping.acl = entry.text("value") ?? " "
        return mapping
    }

    /// Base64 in either alphabet, with or without padding.
    private static func bytes(_ text: String, of map: String) throws(RESTFailure) -> Data {
        let standard = text.filter { !$0.isWhitespace }.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
        let padding = String(repeating: "=", count: (4 - standard.count % 4) % 4)
        guard let bytes = Data(base64Encoded: String(standard) + padding) else {
            throw .badRequest("\(map): a value is not base64.")
        }
        return bytes
    }

    /// CredentialsInfo. A token's text is base64 of the form in which credentials files hold it, so it is set between
    /// its alias and the next one as it is.
    private static func readCredentials(
        _ body: RESTBody,
        into context: inout ContainerLaunchContextProto
    ) throws(RESTFailure) {
        let tokens = body.first("tokens")?.all("entry") ?? []
        let secrets = body.first("secrets")?.all("entry") ?? []
        guard !tokens.isEmpty || !secrets.isEmpty else { return }
        var file = Array("HDTS".utf8) + [0]
        Self.append(tokens.count, to: &file)
        for entry in tokens {
            Self.append(try Self.key(entry, of: "tokens"), to: &file)
            file += try Self.bytes(entry.text("value") ?? "", of: "tokens")
        }
        Self.append(secrets.count, to: &file)
        for entry in secrets {
            Self.append(try Self.key(entry, of: "secrets"), to: &file)
            let secret = try Self.bytes(entry.text("value") ?? "", of: "secrets")
            Self.append(secret.count, to: &file)
            file += secret
        }
        context.tokens = Data(file)
    }

    private static func append(_ text: String, to file: inout [UInt8]) {
        Self.append(text.utf8.count, to: &file)
        file += text.utf8
    }

    /// WritableUtils' number: one byte up to 127, else a byte that tells how many follow.
    private static func append(_ number: Int, to file: inout [UInt8]) {
        guard number > 127 else {
            file.append(UInt8(number))
            return
        }
        let width = (64 - number.leadingZeroBitCount + 7) / 8
        file.append(UInt8(bitPattern: Int8(-112 - width)))
        for index in (0..<width).reversed() { file.append(UInt8(truncatingIfNeeded: number >> (8 * index))) }
    }
}
