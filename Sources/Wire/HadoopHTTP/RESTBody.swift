/// A request's body as one tree, whether it came as JSON or as XML.
///
/// An array becomes a repeated member, as in XML; so `"tag": "a"` and `"tag": ["a"]` are the same, which is how Hadoop
/// reads them. `null` members are absent.
package enum RESTBody: Sendable, Equatable {
    case text(String)
    case object([Member])

    package struct Member: Sendable, Equatable {
        package var name: String
        package var value: RESTBody
    }

    /// Reads a request's body by its `Content-Type`.
    /// - Throws: `RESTFailure` 415 for another type, 413 above `maximum` bytes, 400 for what does not parse.
    package static func read(from request: WebRequest, upTo maximum: Int) async throws -> RESTBody {
        let contentType = (request.header("content-type") ?? "").split(separator: ";").first.map(trimmed) ?? ""
        let isJSON: Bool
        switch contentType.lowercased() {
        case "application/json": isJSON = true
        case "application/xml": isJSON = false
        default:
            throw RESTFailure.http(415, "Send the body as application/json or application/xml.")
        }
        let bytes = try await request.collectBody(upTo: maximum)
        do {
            return isJSON ? try JSONBodyReader.read(bytes) : try XMLBodyReader.read(bytes)
        } catch {
            throw RESTFailure(
                status: 400,
                javaClassName: "org.apache.hadoop.yarn.webapp.BadRequestException",
                message: "The body is not well-formed \(isJSON ? "JSON" : "XML"): \(error)"
            )
        }
    }

    /// Reads XML, whatever the name of its root.
    /// - Parameter keepsAttributes: whether an element's attributes are members too, before the elements inside it.
    /// - Throws: a description of where and why it does not parse.
    package init(xml bytes: [UInt8], keepsAttributes: Bool = false) throws {
        self = try XMLBodyReader.read(bytes, keepsAttributes: keepsAttributes)
    }

    /// The first member of that name that is text.
    package func text(_ name: String) -> String? {
        for value in self.all(name) {
            if case .text(let text) = value { return text }
        }
        return nil
    }

    /// The first member of that name.
    package func first(_ name: String) -> RESTBody? { self.all(name).first }

    /// Every member of that name, in order.
    package func all(_ name: String) -> [RESTBody] {
        guard case .object(let members) = self else { return [] }
        return members.filter { $0.name == name }.map(\.value)
    }
}

/// Where and why a body does not parse.
struct BodyError: Error, CustomStringConvertible, Equatable {
    var offset: Int
    var reason: String

    var description: String { "\(self.reason) at byte \(self.offset)" }
}

/// What any body may cost, beside its length.
enum BodyLimits {
    /// A submission is nested six deep.
    static let depthMaximum = 32
    /// Members of all objects together. Each costs some 64 bytes here and at least 5 in the body.
    static let membersMaximum = 200_000
}
