package import NIOCore

/// Text that is safe inside an element and inside a quoted attribute.
package struct HTMLText: Sendable, ExpressibleByStringInterpolation, CustomStringConvertible {
    package private(set) var description: String

    /// Markup written in the source; never a value from outside.
    package init(stringLiteral value: String) {
        self.description = value
    }

    package init(stringInterpolation: StringInterpolation) {
        self.description = stringInterpolation.text
    }

    /// Escapes a value from outside.
    package init(escaping value: String) {
        self.description = escapedForHTML(value)
    }

    package static func + (left: HTMLText, right: HTMLText) -> HTMLText {
        var sum = left
        sum.description += right.description
        return sum
    }

    package static func += (left: inout HTMLText, right: HTMLText) {
        left.description += right.description
    }

    package static func joined(_ parts: [HTMLText]) -> HTMLText {
        var sum: HTMLText = ""
        for part in parts { sum += part }
        return sum
    }

    /// Literal parts are markup; every value that is interpolated is escaped, unless it is markup itself.
    package struct StringInterpolation: StringInterpolationProtocol, Sendable {
        fileprivate var text: String

        package init(literalCapacity: Int, interpolationCount: Int) {
            self.text = ""
            self.text.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) { self.text += literal }
        package mutating func appendInterpolation(_ markup: HTMLText) { self.text += markup.description }
        package mutating func appendInterpolation(_ value: String) { self.text += escapedForHTML(value) }
        package mutating func appendInterpolation(_ value: some FixedWidthInteger) { self.text += String(value) }
        package mutating func appendInterpolation(_ value: some CustomStringConvertible) {
            self.text += escapedForHTML(value.description)
        }
    }
}

/// Escapes for HTML text and quoted attributes; control characters, which terminals and browsers may act on, go.
package func escapedForHTML(_ text: String) -> String {
    String(decoding: escapedForHTML(text.utf8), as: UTF8.self)
}

/// The same for bytes, which may end or begin inside a character.
package func escapedForHTML(_ bytes: some Collection<UInt8>) -> [UInt8] {
    var escaped: [UInt8] = []
    escaped.reserveCapacity(bytes.count + bytes.count / 8)
    for byte in bytes {
        switch byte {
        case UInt8(ascii: "&"): escaped.append(contentsOf: "&amp;".utf8)
        case UInt8(ascii: "<"): escaped.append(contentsOf: "&lt;".utf8)
        case UInt8(ascii: ">"): escaped.append(contentsOf: "&gt;".utf8)
        case UInt8(ascii: "\""): escaped.append(contentsOf: "&quot;".utf8)
        case UInt8(ascii: "'"): escaped.append(contentsOf: "&#39;".utf8)
        case 0x09, 0x0A, 0x0D: escaped.append(byte)
        case 0..<0x20, 0x7F: escaped.append(UInt8(ascii: "?"))
        default: escaped.append(byte)
        }
    }
    return escaped
}

/// A page: a heading, links to its neighbours and a body, with one style sheet inside and no script.
package struct HTMLPage: Sendable {
    package var title: String
    package var navigation: [Link]
    package var body: HTMLText

    package struct Link: Sendable {
        package var text: String
        package var target: String

        package init(_ text: String, _ target: String) {
            self.text = text
            self.target = target
        }
    }

    package init(title: String, navigation: [Link], body: HTMLText) {
        self.title = title
        self.navigation = navigation
        self.body = body
    }

    package static func notFound(path: String) -> HTMLPage {
        HTMLPage(
            title: "Not found",
            navigation: [Link("Start page", "/")],
            body: "<p>There is no page <code>\(String(path.prefix(1_024)))</code> here.</p>"
        )
    }

    package func render() -> ByteBuffer {
        var page = self.opening()
        page.writeString(self.body.description)
        page.writeImmutableBuffer(Self.closing)
        return page
    }

    /// Everything before the body, for pages whose body is written in pieces.
    package func opening() -> ByteBuffer {
        let links = HTMLText.joined(
            self.navigation.map { link -> HTMLText in "<a href=\"\(link.target)\">\(link.text)</a>\n" }
        )
        let head: HTMLText = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(self.title)</title>
            <style>
            """
        let top: HTMLText = """
            </style>
            </head>
            <body>
            <header><strong>Heddle</strong>
            <nav>
            \(links)</nav>
            </header>
            <main>
            <h1>\(self.title)</h1>

            """
        return ByteBuffer(string: head.description + Self.styleSheet + top.description)
    }

    /// Everything after the body.
    package static let closing = ByteBuffer(string: "\n</main>\n</body>\n</html>\n")

    private static let styleSheet = """

        :root { color-scheme: light dark; --line: #8884; --soft: #8882; --link: #06c; }
        @media (prefers-color-scheme: dark) { :root { --link: #6bf; } }
        body { margin: 0; font: 15px/1.45 system-ui, sans-serif; }
        header { display: flex; gap: 1.5rem; padding: .7rem 1.2rem; border-bottom: 1px solid var(--line); }
        nav a { margin-right: 1rem; }
        main { padding: 0 1.2rem 2rem; }
        h1 { font-size: 1.35rem; margin: 1rem 0 .6rem; }
        h2 { font-size: 1.1rem; margin: 1.4rem 0 .4rem; }
        a { color: var(--link); text-decoration: none; }
        a:hover { text-decoration: underline; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { text-align: left; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--line); }
        th { font-weight: 600; white-space: nowrap; }
        td { vertical-align: top; }
        td.number, th.number { text-align: right; }
        td { overflow-wrap: anywhere; min-width: 3.5rem; }
        td.whole { white-space: nowrap; }
        dl.figures { display: flex; flex-wrap: wrap; gap: .5rem; margin: 0 0 1.2rem; }
        dl.figures div { border: 1px solid var(--line); border-radius: 6px; padding: .35rem .8rem; }
        dl.figures dt { font-size: .8rem; opacity: .75; }
        dl.figures dd { margin: 0; font-size: 1.05rem; font-variant-numeric: tabular-nums; }
        pre { background: var(--soft); padding: .8rem; overflow-x: auto; white-space: pre-wrap; }
        .none { opacity: .7; }

        """

    /// Nothing but the page's own style may load, run or frame it.
    package static let contentSecurityPolicy =
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
}

extension WebAnswer {
    package static func page(_ page: HTMLPage, status: Int = 200) -> WebAnswer {
        WebAnswer(status: status, headers: pageHeaders, body: .bytes(page.render()))
    }

    /// What every page carries.
    package static let pageHeaders =
        hadoopHeaders + [
            WebHeader("Content-Type", "text/html;charset=utf-8"),
            WebHeader("Content-Security-Policy", HTMLPage.contentSecurityPolicy),
            WebHeader("Referrer-Policy", "same-origin"),
        ]
}
