/// Who a request says it comes from, with simple authentication: the parameter `user.name`, or nobody.
package enum WebUser: Sendable, Hashable {
    /// Hadoop's static user (`hadoop.http.staticuser.user`), who may look but not touch.
    /// - Parameter name: the static user's.
    case anonymous(String)
    case named(String)

    /// The name that Hadoop gives to callers who give none.
    package static let staticName = "dr.who"
    /// Where a browser keeps the name that it once gave (`hadoop.auth`), if callers need one.
    static let cookieName = "hadoop.auth"

    /// - Throws: `RESTFailure` 400 for a name that no operating system has.
    package init(of request: WebRequest) throws(RESTFailure) {
        guard let name = request.claimedUser else {
            self = .anonymous(request.staticUser)
            return
        }
        guard Self.isPlain(name) else {
            throw .badRequest("Invalid user.name. A user name has letters, digits, '.', '_', '-' and '@' only.")
        }
        let isStatic = name == request.staticUser || name == Self.staticName || name == "anonymous"
        self = isStatic ? .anonymous(request.staticUser) : .named(name)
    }

    package var name: String {
        switch self {
        case .anonymous(let name), .named(let name): name
        }
    }

    /// The name becomes part of paths on every node, so it is held to a grammar.
    package static func isPlain(_ name: String) -> Bool {
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

extension WebRequest {
    /// The name that the caller gives itself, in the query or in the cookie; nil for none.
    var claimedUser: String? { self.query.first("user.name") ?? self.cookieUser }

    private var cookieUser: String? {
        for header in self.headers where header.isNamed("cookie") {
            for pair in header.value.split(separator: ";").map(trimmed) where pair.hasPrefix("\(WebUser.cookieName)=") {
                let value = pair.dropFirst(WebUser.cookieName.utf8.count + 1).filter { $0 != "\"" }
                let user = value.split(separator: "&").first { $0.hasPrefix("u=") }
                if let user { return String(user.dropFirst(2)) }
            }
        }
        return nil
    }
}
