import HadoopConfig
import Testing

@Suite struct ValueTests {
    private func value<Value>(_ form: ValueForm<Value>, _ text: String) throws -> Value {
        try Configuration(["k": text]).value(of: ConfigurationKey("k", default: nil, form))
    }

    @Test(arguments: [
        ("5", Duration.milliseconds(5)), ("5s", .seconds(5)), ("5S", .seconds(5)), ("5ms", .milliseconds(5)),
        (" 2m ", .seconds(120)), ("3h", .seconds(10_800)), ("1d", .seconds(86_400)), ("7us", .microseconds(7)),
        ("9ns", .nanoseconds(9)), ("5 s", .seconds(5)), ("0", .zero),
    ])
    func `durations have units`(text: String, expected: Duration) throws {
        #expect(try self.value(.duration(.milliseconds), text) == expected)
    }

    @Test(arguments: ["1.5s", "5sec", "s", "-1", "five", "99999999999999999999", "9223372036854775807d", "1e3"])
    func `what is no duration is refused`(text: String) {
        #expect(throws: ConfigurationError.self) { try self.value(.duration(.milliseconds), text) }
    }

    @Test func `a negative duration means none where that is allowed`() throws {
        #expect(try self.value(.durationOrNone(.seconds), "-1") == nil)
        #expect(try self.value(.durationOrNone(.seconds), "3") == .seconds(3))
        #expect(throws: ConfigurationError.self) { try self.value(.durationOrNone(.seconds), "x") }
    }

    @Test(arguments: [
        ("5", 5), ("5k", 5_120), ("5K", 5_120), ("5g", 5 << 30), ("1t", 1 << 40), ("1p", 1 << 50), ("1e", 1 << 60),
        ("2m", 2 << 20), ("5kb", 5_120), ("5 k", 5_120), ("10B", 10),
    ])
    func `sizes have binary prefixes`(text: String, expected: Int) throws {
        #expect(try self.value(.bytes(0...Int.max), text) == expected)
    }

    @Test(arguments: ["1.5k", "0x10", "k", "9e", "-1k", "5ki", ""])
    func `what is no size is refused`(text: String) {
        #expect(throws: ConfigurationError.self) { try self.value(.bytes(0...Int.max), text) }
    }

    @Test(arguments: [("5", 5), (" 5 ", 5), ("0x10", 16), ("0xff", 255), ("-0x1", -1), ("+5", 5)])
    func `whole numbers may be hexadecimal`(text: String, expected: Int) throws {
        #expect(try self.value(.integer(-10...1_000), text) == expected)
    }

    @Test(arguments: ["5L", "1_000", "", "1001", "-11", "0x", "+", "--5", "+-5", "5.0"])
    func `what is no whole number, or out of range, is refused`(text: String) {
        #expect(throws: ConfigurationError.self) { try self.value(.integer(-10...1_000), text) }
    }

    @Test func `booleans are true and false in any case, and nothing else`() throws {
        #expect(try self.value(.boolean, " True "))
        #expect(try !self.value(.boolean, "FALSE"))
        for text in ["yes", "1", "", "truee"] {
            #expect(throws: ConfigurationError.self) { try self.value(.boolean, text) }
        }
    }

    @Test(arguments: [
        ("2-3,5,7-", [2...3, 5...5, 7...Int(Int32.max)]), ("-5", [0...5]), ("2 - 3 , 5", [2...3, 5...5]), ("", []),
    ])
    func `ranges may be open at an end`(text: String, expected: [ClosedRange<Int>]) throws {
        #expect(try self.value(.ranges, text) == expected)
    }

    @Test(arguments: ["3-1", "a", "1-2-3", "5-99999999999"])
    func `what is no range is refused`(text: String) {
        #expect(throws: ConfigurationError.self) { try self.value(.ranges, text) }
    }

    @Test func `lists are trimmed and have no empty members`() throws {
        #expect(try self.value(.list, " a b,\n c ,,") == ["a b", "c"])
        #expect(try self.value(.list, "") == [])
    }

    @Test(arguments: [
        ("h:1", "h", 1), ("h", "h", 8_032), ("10.0.0.1:65535", "10.0.0.1", 65_535), ("[::1]:5", "::1", 5),
        ("[::1]", "::1", 8_032), ("http://h:80/", "h", 80), ("a_b-c.d:0", "a_b-c.d", 0),
    ])
    func `addresses have a host and a port`(text: String, host: String, port: Int) throws {
        #expect(try self.value(.address(defaultPort: 8_032), text) == NetworkAddress(host: host, port: port))
    }

    @Test(arguments: [
        "h:", "h:65536", "h:-1", "h:x", ":5", "h h:1", "h/x:1", "[::1", "[::1]x", "::1", "::1:5", "h:+5", "$(id):1", "",
    ])
    func `what is no address is refused`(text: String) {
        #expect(throws: ConfigurationError.self) { try self.value(.address(defaultPort: 8_032), text) }
    }

    @Test(arguments: [
        ("/a/b", "/a/b"), ("/a/", "/a"), ("/", "/"), ("file:/a", "/a"), ("file:///a", "/a"),
        ("file://localhost/a", "/a"),
    ])
    func `paths are absolute, or file URIs`(text: String, expected: String) throws {
        #expect(try self.value(.path, text) == expected)
    }

    @Test(arguments: ["a/b", "./a", "hdfs://h/a", "file://h/a", "~/a"])
    func `other paths are refused`(text: String) {
        #expect(throws: ConfigurationError.self) { try self.value(.path, text) }
    }

    @Test func `an error names file, line, key, value and what is accepted`() throws {
        let folder = try ConfigurationFolder([
            "yarn-site.xml": site(["a": "b", "yarn.scheduler.minimum-allocation-mb": "1g"])
        ])
        let configuration = try folder.load()
        do {
            _ = try configuration.value(of: SchedulerKeys.memoryMinimum)
            Issue.record("expected an error")
        } catch {
            #expect(
                error.description
                    == "\(folder.file("yarn-site.xml")):3: error: yarn.scheduler.minimum-allocation-mb = \"1g\": "
                    + "not accepted; accepted: a whole number from 1 up"
            )
        }
    }

    @Test func `a key without default and value is an error that says what to set`() {
        let key = ConfigurationKey<Int>("k", default: nil, .integer(0...9))
        do {
            _ = try Configuration().value(of: key)
            Issue.record("expected an error")
        } catch {
            #expect(error.description == "error: k: must be set; accepted: a whole number from 0 to 9")
        }
    }
}
