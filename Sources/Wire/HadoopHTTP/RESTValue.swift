/// One value of a representation, rendered as Jersey's "natural" JSON or as JAXB's XML.
package enum RESTValue: Sendable, Equatable {
    /// Rendered only where Hadoop itself writes `null`; an absent member is simply not added.
    case null
    case string(String)
    case integer(Int64)
    /// A Java `float`: its shortest digits, always with a fraction (`100.0`).
    case float(Float)
    case double(Double)
    case boolean(Bool)
    /// A JSON array; in XML the member's element repeats.
    case list([RESTValue])
    case object(RESTObject)
}

/// Members in the order in which Hadoop writes them. A name may occur twice: Hadoop's maps do that even in JSON.
package struct RESTObject: Sendable, Equatable {
    package struct Member: Sendable, Equatable {
        package var name: String
        package var value: RESTValue
    }

    /// The name of a polymorphic type: the first member, `type`, in JSON and the attribute `xsi:type` in XML.
    package var type: String?
    package private(set) var members: [Member] = []

    package init(type: String? = nil) {
        self.type = type
    }

    package mutating func add(_ name: String, _ value: RESTValue) {
        self.members.append(Member(name: name, value: value))
    }

    /// Adds nothing for nil: null members are omitted.
    package mutating func add(_ name: String, _ value: String?) {
        if let value { self.add(name, .string(value)) }
    }

    package mutating func add(_ name: String, _ value: some FixedWidthInteger) {
        self.add(name, .integer(Int64(clamping: value)))
    }

    package mutating func add(_ name: String, _ value: Float) { self.add(name, .float(value)) }
    package mutating func add(_ name: String, _ value: Double) { self.add(name, .double(value)) }
    package mutating func add(_ name: String, _ value: Bool) { self.add(name, .boolean(value)) }

    /// Adds nothing for nil.
    package mutating func add(_ name: String, _ value: RESTObject?) {
        if let value { self.add(name, .object(value)) }
    }

    /// Adds nothing for an empty list: JAXB writes one element for each value, so none for none.
    package mutating func add(_ name: String, _ values: [RESTObject]) {
        if !values.isEmpty { self.add(name, .list(values.map(RESTValue.object))) }
    }

    /// Adds nothing for an empty list.
    package mutating func add(_ name: String, _ values: [String]) {
        if !values.isEmpty { self.add(name, .list(values.map(RESTValue.string))) }
    }
}

/// A whole answer: a root element and its content.
package struct RESTDocument: Sendable, Equatable {
    /// The root element in XML, and in JSON the one member of the outer object unless `isUnwrapped`.
    package var root: String
    /// True for the few types that Hadoop writes in JSON without their root's name (NewApplication, AppState...).
    package var isUnwrapped: Bool
    package var content: RESTObject

    package init(_ root: String, _ content: RESTObject, isUnwrapped: Bool = false) {
        self.root = root
        self.content = content
        self.isUnwrapped = isUnwrapped
    }
}
