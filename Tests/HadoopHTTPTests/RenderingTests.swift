import HadoopHTTP
import Testing

@Suite struct RenderingTests {
    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func `members keep their order, absent ones are left out, lists are arrays even of one`() {
        var inner = RESTObject()
        inner.add("name", "a")
        var object = RESTObject()
        object.add("z", 1)
        object.add("absent", String?.none)
        object.add("list", [inner])
        object.add("none", [RESTObject]())
        object.add("empty", RESTObject())
        object.add("blank", "")
        object.add("flag", true)
        let document = RESTDocument("root", object)
        #expect(
            Self.text(document.json())
                == #"{"root":{"z":1,"list":[{"name":"a"}],"empty":{},"blank":"","flag":true}}"#
        )
        #expect(
            Self.text(document.xml())
                == #"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><root><z>1</z><list><name>a</name></list>"#
                + "<empty/><blank></blank><flag>true</flag></root>"
        )
    }

    @Test func `a map's entries repeat their name, even in JSON`() {
        var map = RESTObject()
        map.add("entry", "a")
        map.add("entry", "b")
        let document = RESTDocument("map", map, isUnwrapped: true)
        #expect(Self.text(document.json()) == #"{"entry":"a","entry":"b"}"#)
    }

    @Test func `a polymorphic type is a first member in JSON and a declared attribute in XML`() {
        var leaf = RESTObject(type: "leaf")
        leaf.add("n", 1)
        var root = RESTObject(type: "tree")
        root.add("queue", [leaf, leaf])
        let document = RESTDocument("info", root)
        #expect(
            Self.text(document.json())
                == #"{"info":{"type":"tree","queue":[{"type":"leaf","n":1},{"type":"leaf","n":1}]}}"#
        )
        let namespace = #"xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance""#
        #expect(
            Self.text(document.xml()).hasSuffix(
                #"<info xsi:type="tree" \#(namespace)><queue xsi:type="leaf"><n>1</n></queue>"#
                    + #"<queue xsi:type="leaf"><n>1</n></queue></info>"#
            )
        )
    }

    @Test func `text from outside cannot leave its place`() {
        var object = RESTObject()
        object.add("t", "a\"b\\c\n\u{1}</t>&\u{7F}é")
        let document = RESTDocument("r", object)
        #expect(Self.text(document.json()) == "{\"r\":{\"t\":\"a\\\"b\\\\c\\n\\u0001</t>&\u{7F}é\"}}")
        #expect(Self.text(document.xml()).hasSuffix("<r><t>a&quot;b\\c\n?&lt;/t&gt;&amp;\u{7F}é</t></r>"))
        #expect(HTMLText(escaping: "<script>'\"&\u{1B}").description == "&lt;script&gt;&#39;&quot;&amp;?")
        let value = "<b>"
        let markup: HTMLText = "<i>\(value)</i>"
        #expect(markup.description == "<i>&lt;b&gt;</i>")
    }

    @Test(
        arguments: [
            (Float(100), "100.0"), (18.75, "18.75"), (0, "0.0"), (-1, "-1.0"), (33.333332, "33.333332"),
            (0.001, "0.001"), (0.0001, "1.0E-4"), (9_999_999, "9999999.0"), (10_000_000, "1.0E7"),
            (1.25e10, "1.25E10"), (.infinity, "Infinity"), (.nan, "NaN"),
        ] as [(Float, String)]
    )
    func `floats read as Java writes them`(number: Float, text: String) {
        #expect(javaText(number) == text)
    }

    @Test func `a float that was widened shows all its digits, as in Hadoop`() {
        #expect(javaText(Double(Float(1.956_666_7))) == "1.9566667079925537")
        #expect(javaText(1e-5) == "1.0E-5")
        #expect(javaText(123_456_789.5) == "1.234567895E8")
    }

    @Test func `moments have Hadoop's three forms`() {
        let time = CalendarTime(milliseconds: 1_795_444_938_042)
        #expect(time.httpText == "Mon, 23 Nov 2026 14:42:18 GMT")
        #expect(time.pageText == "2026-11-23 14:42:18")
        #expect(time.logText == "Mon Nov 23 14:42:18 +0000 2026")
        #expect(time.isoText == "2026-11-23T14:42:18.042+0000")
        #expect(CalendarTime(milliseconds: 951_782_400_000).isoText == "2000-02-29T00:00:00.000+0000")
        #expect(CalendarTime(milliseconds: -1).isoText == "1969-12-31T23:59:59.999+0000")
    }

    @Test(
        arguments: [
            (nil, RESTFormat.json), ("", .json), ("*/*", .json), ("application/json", .json),
            ("application/xml", .xml), ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", .xml),
            ("application/xml;q=0.5, application/json", .json), ("application/*", .json),
            ("application/json;q=0, */*", .xml), ("APPLICATION/XML", .xml), ("text/plain", nil),
            ("text/plain, */*;q=0.1", .json), ("application/json;q=0.1,*/*;q=0.9", .xml),
        ] as [(String?, RESTFormat?)]
    )
    func `the caller's wish decides the form`(accept: String?, format: RESTFormat?) {
        #expect(RESTFormat.negotiated(accept: accept) == format)
    }
}
