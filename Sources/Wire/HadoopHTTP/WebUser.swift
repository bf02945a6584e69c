/// Who a request says it comes from, with simple authentication: the parameter `user.name`, or nobody.
package enum WebUser: Sendable, Hashable {
    /// Hadoop's static user (`hadoop.http.staticuser.user`), who may look but not touch.
    case anonymous
    case named(String)

    /// The name that Hadoop gives to callers who give none.
    package static let staticName = "dr.who"

    /// - Throws: `RESTFailure` 400 for a name that no operating system has.
    package init(of request: WebRequest) throws(RESTFailure) {
        guard let name = request.query.first("user.name") else {
            self = .anonymous
            return
        }
        guard Self.isPlain(name) else {
            throw .badRequest("Invalid user.name. A user name has letters, digits, '.', '_', '-' and '@' only.")
        }
        self = name == Self.staticName || name == "anonymous" ? .anonymous : .named(name)
    }

    package var name: String {
        switch self {
        case .anonymous: Self.staticName
        case .named(let name): name
        }
    }

    /// The name becomes part of paths on every node, so it is held to a grammar.
    private static func isPlain(_ name: String) -> Bool {
        guard name.utf8.count <= 255, let first = name.utf8.first, first != UInt8(ascii: "-"),
            first != UInt8(ascii: ".")
        else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: "@"), UInt8(ascii: "$"):
                true
            default: false
            }
        }
    }
}
