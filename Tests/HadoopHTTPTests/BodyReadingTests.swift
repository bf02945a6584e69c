import HadoopHTTP
import Testing

@Suite struct BodyReadingTests {
    private static func read(_ text: String, type: String = "application/json") async throws -> RESTBody {
        try await Self.read(Array(text.utf8), type: type)
    }

    private static func read(_ bytes: [UInt8], type: String, upTo maximum: Int = 1 << 20) async throws -> RESTBody {
        let request = WebRequest(
            method: .put,
            target: try WebTarget("/x"),
            headers: [WebHeader("Content-Type", type)],
            body: WebBody(bytes: bytes)
        )
        return try await RESTBody.read(from: request, upTo: maximum)
    }

    private static func status(_ text: String, type: String = "application/json") async -> Int? {
        do {
            _ = try await Self.read(text, type: type)
            return nil
        } catch {
            return (error as? RESTFailure)?.status
        }
    }

    @Test func `JSON and XML of the same content read as the same tree`() async throws {
        let json = try await Self.read(
            #"{"a":"x","n":-1.5e3,"t":true,"l":["1",{"k":"v"}],"z":null,"o":{"e":{"f":""}}}"#
        )
        let xml = try await Self.read(
            """
            <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
            <!-- any root --><root xmlns="urn:x" a='1'><a>x</a><n>-1.5e3</n><t>true</t><l>1</l><l><k>v</k></l>
            <o><e><f/></e></o></root>
            """,
            type: "application/xml; charset=utf-8"
        )
        #expect(json == xml)
        #expect(json.text("a") == "x")
        #expect(json.all("l").count == 2)
        #expect(json.first("o")?.first("e")?.text("f")?.isEmpty == true)
        #expect(json.first("z") == nil)
    }

    @Test func `one value and an array of it are the same`() async throws {
        #expect(try await Self.read(#"{"tag":"a"}"#) == Self.read(#"{"tag":["a"]}"#))
    }

    @Test func `escapes and references are resolved`() async throws {
        let json = try await Self.read(#"{"a":"\u0041\n\ud83d\ude00\/"}"#)
        #expect(json.text("a") == "A\n😀/")
        let xml = try await Self.read("<r><a>&lt;&#65;&#x1F600;<![CDATA[<&]]></a></r>", type: "application/xml")
        #expect(xml.text("a") == "<A😀<&")
    }

    @Test(
        arguments: [
            "", " ", "{", "}", "[]", "\"a\"", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":01}", "{\"a\":1.}",
            "{\"a\":+1}", "{\"a\":nul}", "{'a':1}", "{\"a\":\"\n\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\ud800\"}",
            "{\"a\":\"", "{\"a\":1}x", "{\"a\":1e}", "{\"a\":[1,]}", "{\"a\":\"\\u00",
        ]
    )
    func `malformed JSON is a 400`(text: String) async {
        #expect(await Self.status(text) == 400)
    }

    @Test(
        arguments: [
            "", "x", "<", "<a", "<a>", "<a></b>", "<a><b></a>", "<a/><b/>", "<a>&unknown;</a>", "<a>&#0;</a>",
            "<a b=1/>", "<a b/>", "<a>x<b/></a>", "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", "<a><!ENTITY></a>",
            "<a><!-- </a>", "<a>&amp</a>",
        ]
    )
    func `malformed XML is a 400, and every document type`(text: String) async {
        #expect(await Self.status(text, type: "application/xml") == 400)
    }

    @Test func `every prefix of a body is refused, and none is accepted by mistake`() async {
        let whole = Array(#"{"state":"KILLED","l":[1,{"a":"\u0041é"}],"o":{"x":true}}"#.utf8)
        for length in 0..<whole.count {
            await #expect(throws: RESTFailure.self) {
                _ = try await Self.read(Array(whole[..<length]), type: "application/json")
            }
        }
        let xml = Array("<a><b>&lt;x</b><c d='e'/><!-- f --></a>".utf8)
        for length in 0..<xml.count {
            await #expect(throws: RESTFailure.self) {
                _ = try await Self.read(Array(xml[..<length]), type: "application/xml")
            }
        }
    }

    @Test func `depth, length and type are bounded`() async throws {
        let deep = String(repeating: "{\"a\":", count: 100_000)
        #expect(await Self.status(deep) == 400)
        #expect(await Self.status(String(repeating: "<a>", count: 100_000), type: "application/xml") == 400)
        #expect(await Self.status("{\"a\":" + String(repeating: "[", count: 100_000)) == 400)
        #expect(await Self.status("a=b", type: "application/x-www-form-urlencoded") == 415)
        #expect(await Self.status("{}", type: "text/plain") == 415)
        await #expect(throws: RESTFailure.http(413, "The body is longer than the 8 bytes that are accepted.")) {
            _ = try await Self.read(Array("{\"a\":12}x".utf8), type: "application/json", upTo: 8)
        }
    }

    @Test func `random bytes are refused without harm`() async {
        var generator = SeededBytes(seed: 7)
        for _ in 0..<2_000 {
            let bytes = (0..<(generator.next() % 64)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            for type in ["application/json", "application/xml"] {
                do {
                    _ = try await Self.read([UInt8(ascii: type == "application/json" ? "{" : "<")] + bytes, type: type)
                } catch {
                    #expect((error as? RESTFailure)?.status == 400)
                }
            }
        }
    }
}

/// Numbers that are the same in every run (xorshift64).
struct SeededBytes {
    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed
    }

    mutating func next() -> UInt64 {
        self.state ^= self.state << 13
        self.state ^= self.state >> 7
        self.state ^= self.state << 17
        return self.state
    }
}
