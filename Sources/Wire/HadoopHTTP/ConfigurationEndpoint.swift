/// One property as `/conf` shows it.
package struct ShownProperty: Sendable, Hashable {
    package var key: String
    package var value: String
    package var isFinal: Bool
    /// The file it is set in, or the defaults' name.
    package var resource: String

    package init(key: String, value: String, isFinal: Bool, resource: String) {
        self.key = key
        self.value = value
        self.isFinal = isFinal
        self.resource = resource
    }
}

/// What every Hadoop daemon serves beside its own resources: `/conf`.
package struct ConfigurationEndpoint: Sendable {
    private let all: @Sendable () -> [ShownProperty]
    private let one: @Sendable (_ key: String) -> ShownProperty?

    /// - Parameters:
    ///   - all: every property that is set or has a default, sorted.
    ///   - one: the property of that key; nil when it is neither set nor has a default.
    package init(all: @escaping @Sendable () -> [ShownProperty], one: @escaping @Sendable (String) -> ShownProperty?) {
        self.all = all
        self.one = one
    }

    package func addRoutes(to routes: inout WebRoutes) {
        routes.add(.get, "/conf") { request, _ in try self.answer(request) }
    }

    /// `?format=json|xml` decides, else `Accept`, else XML as Hadoop has it.
    private static func format(_ request: WebRequest) throws(RESTFailure) -> RESTFormat {
        switch request.query.first("format") {
        case "json": return .json
        case "xml": return .xml
        case nil:
            guard let accept = request.header("accept"), accept.contains("json") else { return .xml }
            return .json
        case .some: throw .badRequest("Bad format. It should be json or xml.")
        }
    }

    private func answer(_ request: WebRequest) throws(RESTFailure) -> WebAnswer {
        let format = try Self.format(request)
        if let name = request.query.first("name") {
            guard let property = self.one(name) else {
                throw .notFound("Property \(name.prefix(1_024)) not found")
            }
            switch format {
            case .json: return .document(RESTDocument("property", Self.json(property)), as: .json)
            case .xml: return Self.xml([property])
            }
        }
        let properties = self.all()
        switch format {
        case .json:
            var content = RESTObject()
            content.add("properties", properties.map(Self.json))
            return .document(RESTDocument("configuration", content, isUnwrapped: true), as: .json)
        case .xml: return Self.xml(properties)
        }
    }

    private static func json(_ property: ShownProperty) -> RESTObject {
        var object = RESTObject()
        object.add("key", property.key)
        object.add("value", Self.shown(property))
        object.add("isFinal", property.isFinal)
        object.add("resource", property.resource)
        return object
    }

    private static func xml(_ properties: [ShownProperty]) -> WebAnswer {
        var content = RESTObject()
        content.add(
            "property",
            properties.map { property in
                var object = RESTObject()
                object.add("name", property.key)
                object.add("value", Self.shown(property))
                object.add("final", property.isFinal)
                object.add("source", property.resource)
                return object
            }
        )
        return .document(RESTDocument("configuration", content), as: .xml)
    }

    /// Values of keys that name secrets are not shown, as Hadoop's ConfigRedactor has it.
    private static func shown(_ property: ShownProperty) -> String {
        let key = property.key.lowercased()
        let isSecret = ["password", "secret", "credential", "access.key", "oauth2.refresh", "accesskey"]
            .contains { key.contains($0) }
        return isSecret && !key.hasSuffix(".file") ? "<redacted>" : property.value
    }
}
