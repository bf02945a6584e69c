/// Makes items of a configuration file's elements as they come; knows Hadoop's format and its limits, not libxml2.
///
/// The first failure ends it: `failure` is set and everything after it is ignored.
struct XMLItemBuilder {
    private(set) var failure: XMLFailure?
    private(set) var items: [XMLItem] = []

    private let limits: ConfigurationLimits
    /// The open elements' names.
    private var path: [String] = []
    private var property: OpenProperty?
    private var includes: [OpenInclude] = []
    private var propertyCount = 0
    /// The text of the open `name`, `value` or `final`; nil outside of them.
    private var text: [UInt8]?

    private struct OpenProperty {
        var name: String?
        var value: String?
        var isFinal = false
        var line: Int
    }

    private struct OpenInclude {
        var href: String
        var line: Int
        var fallback: [XMLItem]?
    }

    init(limits: ConfigurationLimits) {
        self.limits = limits
    }

    mutating func fail(_ line: Int, _ message: String) {
        if self.failure == nil {
            self.failure = XMLFailure(line: line, key: self.property?.name, message: message)
        }
    }

    mutating func start(_ name: String, attributes: [(name: String, value: String)], line: Int) {
        guard self.failure == nil else { return }
        self.path.append(name)
        guard self.path.count <= self.limits.elementDepthMaximum else {
            self.fail(line, "elements stand more than \(self.limits.elementDepthMaximum) deep in each other")
            return
        }
        guard self.path.count > 1 || name == "configuration" else {
            self.fail(line, "the outermost element is <\(name)>; a Hadoop configuration starts with <configuration>")
            return
        }
        switch name {
        case "property": self.startProperty(attributes, line)
        case "name", "value", "final":
            if self.property != nil {
                self.text = []
            }
        case "include": self.startInclude(attributes, line)
        case "fallback": self.startFallback(line)
        // <description>, <source>, <tag> and whatever else people write say nothing to us.
        default: break
        }
    }

    mutating func characters(_ bytes: UnsafeBufferPointer<UInt8>, line: Int) {
        guard self.failure == nil, let count = self.text?.count else { return }
        guard count + bytes.count <= self.limits.valueBytesMaximum else {
            self.fail(line, "longer than \(self.limits.valueBytesMaximum) bytes")
            return
        }
        unsafe self.text?.append(contentsOf: bytes)
    }

    mutating func end(line: Int) {
        guard self.failure == nil, let name = self.path.popLast() else { return }
        switch name {
        case "property": self.endProperty()
        case "name", "value", "final": self.endText(name, line)
        case "include": self.endInclude()
        default: break
        }
    }

    // MARK: - Properties

    private mutating func startProperty(_ attributes: [(name: String, value: String)], _ line: Int) {
        guard self.property == nil else {
            self.fail(line, "a <property> stands inside another; is a </property> missing above?")
            return
        }
        self.propertyCount += 1
        guard self.propertyCount <= self.limits.propertyCountMaximum else {
            self.fail(line, "more than \(self.limits.propertyCountMaximum) properties")
            return
        }
        var property = OpenProperty(line: line)
        for (name, value) in attributes {
            switch name {
            case "name": property.name = String(value.trimmingHadoopSpace)
            case "value": property.value = value
            case "final": property.isFinal = value.trimmingHadoopSpace == "true"
            default: break
            }
        }
        self.property = property
    }

    private mutating func endText(_ element: String, _ line: Int) {
        guard let bytes = self.text else { return }
        self.text = nil
        let text = String(decoding: bytes, as: UTF8.self)
        switch element {
        case "name":
            self.property?.name = String(text.trimmingHadoopSpace)
            self.property?.line = line
        // As in Hadoop, <value></value> is no value at all.
        case "value": self.property?.value = text.isEmpty ? nil : text
        default: self.property?.isFinal = text.trimmingHadoopSpace == "true"
        }
    }

    private mutating func endProperty() {
        guard let property = self.property else { return }
        self.property = nil
        guard let name = property.name, !name.isEmpty else {
            self.fail(property.line, "a <property> without a <name>")
            return
        }
        guard name.utf8.count <= self.limits.keyBytesMaximum else {
            self.fail(property.line, "a property's name is longer than \(self.limits.keyBytesMaximum) bytes")
            return
        }
        self.emit(
            .property(
                XMLProperty(name: name, value: property.value, isFinal: property.isFinal, line: property.line)
            )
        )
    }

    // MARK: - Includes

    private mutating func startInclude(_ attributes: [(name: String, value: String)], _ line: Int) {
        guard let href = attributes.first(where: { $0.name == "href" })?.value, !href.isEmpty else {
            self.fail(line, "an <include> without href")
            return
        }
        if let other = attributes.first(where: { $0.name == "xpointer" || ($0.name == "parse" && $0.value != "xml") }) {
            self.fail(line, "<include \(other.name)=\"\(other.value)\"> is not supported; include a whole XML file")
            return
        }
        self.includes.append(OpenInclude(href: href, line: line))
    }

    private mutating func startFallback(_ line: Int) {
        guard !self.includes.isEmpty else {
            self.fail(line, "a <fallback> outside of an <include>")
            return
        }
        self.includes[self.includes.count - 1].fallback = []
    }

    private mutating func endInclude() {
        guard let include = self.includes.popLast() else { return }
        self.emit(.include(href: include.href, line: include.line, fallback: include.fallback))
    }

    /// Outside a fallback an item counts; inside it waits for whether the include's file is there. Between `<include>`
    /// and its `<fallback>` nothing counts.
    private mutating func emit(_ item: XMLItem) {
        guard let last = self.includes.indices.last else {
            self.items.append(item)
            return
        }
        self.includes[last].fallback?.append(item)
    }
}
