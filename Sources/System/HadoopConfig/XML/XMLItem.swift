/// What one configuration file says, in its order.
enum XMLItem: Sendable {
    case property(XMLProperty)
    /// `<xi:include href="...">`, with what stands in its `<xi:fallback>`; nil without one.
    case include(href: String, line: Int, fallback: [XMLItem]?)
}

/// A `<property>`; `value` is nil where there is none, or nothing between its tags.
struct XMLProperty: Sendable {
    var name: String
    var value: String?
    var isFinal: Bool
    var line: Int
}

/// Why a file cannot be read as a configuration.
struct XMLFailure: Error, Sendable {
    var line: Int
    var key: String?
    var message: String
}
