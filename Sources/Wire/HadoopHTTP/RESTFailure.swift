/// An error as a REST caller sees it: a status and a RemoteException naming the Java class that Hadoop would throw.
package struct RESTFailure: Error, Sendable, Equatable {
    package var status: Int
    /// The Java class, with its package.
    package var javaClassName: String
    package var message: String?

    package init(status: Int, javaClassName: String, message: String?) {
        self.status = status
        self.javaClassName = javaClassName
        self.message = message
    }

    /// 404. Hadoop wraps its text in an exception, whose name stands before it.
    package static func notFound(_ text: String) -> RESTFailure {
        RESTFailure(
            status: 404,
            javaClassName: "org.apache.hadoop.yarn.webapp.NotFoundException",
            message: "java.lang.Exception: \(text)"
        )
    }

    /// 400.
    /// - Parameter cause: the Java class whose name stands before the text.
    package static func badRequest(_ text: String, cause: String = "java.lang.Exception") -> RESTFailure {
        RESTFailure(
            status: 400,
            javaClassName: "org.apache.hadoop.yarn.webapp.BadRequestException",
            message: "\(cause): \(text)"
        )
    }

    /// 400 with the text alone.
    package static func illegalArgument(_ text: String) -> RESTFailure {
        RESTFailure(status: 400, javaClassName: "java.lang.IllegalArgumentException", message: text)
    }

    /// 403.
    package static func forbidden(_ text: String) -> RESTFailure {
        RESTFailure(
            status: 403,
            javaClassName: "org.apache.hadoop.yarn.webapp.ForbiddenException",
            message: "java.lang.Exception: \(text)"
        )
    }

    /// A refusal of HTTP's own: wrong method, form, size or speed.
    package static func http(_ status: Int, _ text: String) -> RESTFailure {
        RESTFailure(status: status, javaClassName: "javax.ws.rs.WebApplicationException", message: text)
    }

    package var document: RESTDocument {
        var content = RESTObject()
        content.add("exception", self.javaClassName.split(separator: ".").last.map(String.init))
        content.add("message", self.message)
        content.add("javaClassName", self.javaClassName)
        return RESTDocument("RemoteException", content)
    }
}
