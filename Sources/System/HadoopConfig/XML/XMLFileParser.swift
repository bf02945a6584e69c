import CLibXML2

/// Reads a configuration file's bytes through libxml2's push parser into items.
///
/// Only elements, attributes and text get through: a DOCTYPE ends the parse before any entity in it can be declared,
/// and nothing is ever fetched, so neither entity bombs nor external entities exist here. The document is never held
/// as a tree.
@safe final class XMLFileParser {
    private var builder: XMLItemBuilder
    private var parser: xmlParserCtxtPtr?

    init(limits: ConfigurationLimits) {
        self.builder = XMLItemBuilder(limits: limits)
    }

    /// libxml2 wants one call before threads use it. It is told to open nothing for anybody, should a later change
    /// ever let an entity through.
    private static let library: Void = {
        xmlInitParser()
        unsafe xmlSetExternalEntityLoader { _, _, _ in nil }
    }()

    /// - Parameter nextChunk: fills a buffer and returns how much it put there; 0 at the end.
    func parse(
        nextChunk: (UnsafeMutableRawBufferPointer) throws(XMLFailure) -> Int
    ) throws(XMLFailure) -> [XMLItem] {
        _ = Self.library
        var handlers = unsafe Self.handlers()
        let itself = unsafe Unmanaged.passUnretained(self).toOpaque()
        guard let parser = unsafe xmlCreatePushParserCtxt(&handlers, itself, nil, 0, nil) else {
            throw XMLFailure(line: 0, message: "out of memory")
        }
        unsafe self.parser = parser
        defer {
            unsafe self.parser = nil
            unsafe xmlFreeParserCtxt(parser)
        }
        let options = XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue
        _ = unsafe xmlCtxtUseOptions(parser, Int32(options))
        try unsafe self.feed(parser, nextChunk)
        return self.builder.items
    }

    private func feed(
        _ parser: xmlParserCtxtPtr,
        _ nextChunk: (UnsafeMutableRawBufferPointer) throws(XMLFailure) -> Int
    ) throws(XMLFailure) {
        let chunkLength = 64 << 10
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkLength, alignment: 1)
        defer { unsafe buffer.deallocate() }
        var isAtEnd = false
        while !isAtEnd {
            let count = try unsafe nextChunk(buffer)
            isAtEnd = count == 0
            let bytes = unsafe buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            let code = unsafe xmlParseChunk(parser, bytes, Int32(count), isAtEnd ? 1 : 0)
            if let failure = self.builder.failure {
                throw failure
            }
            if code != 0 {
                throw unsafe Self.failure(of: parser, code)
            }
        }
    }

    private static func failure(of parser: xmlParserCtxtPtr, _ code: Int32) -> XMLFailure {
        guard let error = unsafe xmlCtxtGetLastError(parser) else {
            return XMLFailure(line: 0, message: "not well-formed XML (libxml2 error \(code))")
        }
        let text = unsafe error.pointee.message.map { unsafe String(cString: $0) } ?? "libxml2 error \(code)"
        return XMLFailure(
            line: Int(unsafe error.pointee.line),
            message: "not well-formed XML: \(text.trimmingHadoopSpace)"
        )
    }

    // MARK: - What libxml2 calls

    private static func handlers() -> xmlSAXHandler {
        var handlers = unsafe xmlSAXHandler()
        unsafe handlers.initialized = UInt32(XML_SAX2_MAGIC)
        unsafe handlers.internalSubset = { parser, _, _, _ in
            unsafe XMLFileParser.of(parser)?.refuseDocumentType()
        }
        unsafe handlers.startElementNs = { parser, name, _, _, _, _, count, _, attributes in
            guard let name = unsafe name else { return }
            unsafe XMLFileParser.of(parser)?.start(name, Int(count), attributes)
        }
        unsafe handlers.endElementNs = { parser, _, _, _ in
            unsafe XMLFileParser.of(parser)?.end()
        }
        unsafe handlers.characters = { parser, text, length in
            unsafe XMLFileParser.of(parser)?.characters(text, length)
        }
        unsafe handlers.cdataBlock = { parser, text, length in
            unsafe XMLFileParser.of(parser)?.characters(text, length)
        }
        return unsafe handlers
    }

    private static func of(_ pointer: UnsafeMutableRawPointer?) -> XMLFileParser? {
        unsafe pointer.map { unsafe Unmanaged<XMLFileParser>.fromOpaque($0).takeUnretainedValue() }
    }

    private var line: Int {
        guard let input = unsafe self.parser?.pointee.input else { return 0 }
        return Int(unsafe input.pointee.line)
    }

    private func refuseDocumentType() {
        self.builder.fail(
            self.line,
            "a DOCTYPE is not accepted, since entities in it can read other files or grow without end; remove the line"
        )
        self.stopIfFailed()
    }

    /// Attributes come as five pointers each: name, prefix, namespace, and the value's two ends.
    private func start(
        _ name: UnsafePointer<xmlChar>,
        _ attributeCount: Int,
        _ fields: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?
    ) {
        var attributes: [(name: String, value: String)] = []
        for index in 0..<attributeCount {
            guard let name = unsafe fields?[5 * index], let start = unsafe fields?[5 * index + 3],
                let end = unsafe fields?[5 * index + 4]
            else { continue }
            let bytes = unsafe UnsafeBufferPointer(start: start, count: end - start)
            attributes.append((unsafe String(cString: name), unsafe String(decoding: bytes, as: UTF8.self)))
        }
        self.builder.start(unsafe String(cString: name), attributes: attributes, line: self.line)
        self.stopIfFailed()
    }

    private func characters(_ text: UnsafePointer<xmlChar>?, _ length: Int32) {
        unsafe self.builder.characters(UnsafeBufferPointer(start: text, count: Int(length)), line: self.line)
        self.stopIfFailed()
    }

    private func end() {
        self.builder.end(line: self.line)
        self.stopIfFailed()
    }

    private func stopIfFailed() {
        if self.builder.failure != nil, let parser = unsafe self.parser {
            unsafe xmlStopParser(parser)
        }
    }
}
