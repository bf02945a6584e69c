import Crypto
import Testing

@testable import Staging

@Suite struct SigningTests {
    private static let signer = SigV4(
        keys: SigV4.Keys(access: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        region: "us-east-1",
        service: "service"
    )

    /// Reads a request as the suite writes it: folded headers are values of their own.
    private static func subject(_ text: String) throws -> SigV4.Subject {
        let halves = text.split(separator: "\n\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines = halves[0].split(separator: "\n")
        let words = lines[0].split(separator: " ")
        let target = words[1..<words.count - 1].joined(separator: " ")
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        var headers: [HTTPRequest.Header] = []
        for line in lines.dropFirst() {
            if line.hasPrefix(" "), let last = headers.last {
                headers.append(HTTPRequest.Header(name: last.name, value: String(line)))
            } else {
                let pair = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                headers.append(HTTPRequest.Header(name: String(pair[0]), value: String(pair[1])))
            }
        }
        let items = parts.count < 2 ? [] : parts[1].split(separator: "&")
        let query = items.map { item -> (name: String, value: String) in
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return (name: URIText.decoded(pair[0]) ?? "", value: pair.count > 1 ? URIText.decoded(pair[1]) ?? "" : "")
        }
        let body = halves.count > 1 ? String(halves[1]) : ""
        return SigV4.Subject(
            method: String(words[0]),
            path: SigV4.Subject.normalized(try #require(URIText.decoded(parts[0]))),
            query: query,
            headers: headers,
            payloadHash: Hexadecimal.text(SHA256.hash(data: Array(body.utf8)))
        )
    }

    @Test(arguments: SigningCase.all) func `a published case is signed as published`(item: SigningCase) throws {
        let subject = try Self.subject(item.request)
        #expect(subject.canonical == item.canonical)
        let time = "20150830T123600Z"
        #expect(Self.signer.signature(of: Self.signer.stringToSign(subject, at: time), at: time) == item.signature)
        #expect(Self.signer.authorization(subject, at: time).hasSuffix("Signature=\(item.signature)"))
    }

    /// The example of a ranged GET in S3's documentation.
    @Test func `S3's own example is signed as documented`() {
        let empty = Hexadecimal.text(SHA256.hash(data: [UInt8]()))
        let subject = SigV4.Subject(
            method: "GET",
            path: "/test.txt",
            headers: [
                HTTPRequest.Header(name: "Host", value: "examplebucket.s3.amazonaws.com"),
                HTTPRequest.Header(name: "Range", value: "bytes=0-9"),
                HTTPRequest.Header(name: "x-amz-content-sha256", value: empty),
                HTTPRequest.Header(name: "x-amz-date", value: "20130524T000000Z"),
            ],
            payloadHash: empty
        )
        let signer = SigV4(
            keys: SigV4.Keys(access: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            region: "us-east-1",
            service: "s3"
        )
        #expect(
            signer.authorization(subject, at: "20130524T000000Z").hasSuffix(
                "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
            )
        )
    }

    @Test(arguments: [
        (0, "19700101T000000Z"), (951_782_399, "20000228T235959Z"), (951_782_400, "20000229T000000Z"),
        (1_440_938_160, "20150830T123600Z"), (4_107_542_400, "21000301T000000Z"), (-1, "19691231T235959Z"),
    ])
    func `a moment is written as the signature wants it`(seconds: Int, text: String) {
        #expect(SigV4.time(Int64(seconds)) == text)
    }

    @Test func `bucket and endpoint make the host, and what cannot be one goes into the path`() throws {
        func origin(_ bucket: String, _ change: (inout S3Settings.Bucket) -> Void = { _ in }) throws -> String {
            var settings = S3Settings.Bucket()
            change(&settings)
            let endpoint = try S3Endpoint(bucket: bucket, settings)
            return endpoint.origin + endpoint.pathPrefix
        }
        #expect(try origin("b") == "https://b.s3.us-east-1.amazonaws.com")
        #expect(try origin("b") { $0.region = "eu-west-1" } == "https://b.s3.eu-west-1.amazonaws.com")
        #expect(try origin("a.b") == "https://s3.us-east-1.amazonaws.com/a.b")
        #expect(try origin("Old_Name") == "https://s3.us-east-1.amazonaws.com/Old_Name")
        #expect(try origin("b") { $0.endpoint = "http://127.0.0.1:9000/" } == "http://127.0.0.1:9000/b")
        #expect(try origin("b") { $0.endpoint = "store.example:9000" } == "https://b.store.example:9000")
        #expect(
            try origin("b") {
                $0.endpoint = "https://store.example:443"
                $0.usesPathStyle = true
            } == "https://store.example/b"
        )
        #expect(try origin("b") { $0.region = "cn-north-1" } == "https://b.s3.cn-north-1.amazonaws.com.cn")
        for (endpoint, region) in [
            ("s3.eu-north-1.amazonaws.com", "eu-north-1"), ("https://s3.eu-north-1.amazonaws.com:443/", "eu-north-1"),
            ("s3.dualstack.eu-west-1.amazonaws.com", "eu-west-1"), ("s3.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            ("s3-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
            ("bucket.vpce-1a2b.s3.eu-west-1.vpce.amazonaws.com", "eu-west-1"), ("s3.amazonaws.com", "us-east-1"),
            ("s3-accelerate.amazonaws.com", "us-east-1"), ("s3.eu-west-1.example.org", "us-east-1"),
        ] {
            var settings = S3Settings.Bucket()
            settings.endpoint = endpoint
            #expect(try S3Endpoint(bucket: "b", settings).region == region, "\(endpoint)")
        }
        for bad in ["", "..", "a/b", "a@b", "a b", "b\r\nX: y", "b?x"] {
            #expect(throws: TransferFailure.self) { try origin(bad) }
        }
        for bad in ["host:x", "ho st", "a@b:1"] {
            #expect(throws: TransferFailure.self) { try origin("b") { $0.endpoint = bad } }
        }
    }

    @Test(arguments: ["<a>", "<a></b>", "<!DOCTYPE a><a></a>", "<a>&nope;</a>", "a", "<a></a><b></b>", "</a>", "<>"])
    func `an answer that is not S3's XML is none`(text: String) {
        #expect(S3Answer(Array(text.utf8)) == nil)
    }

    @Test func `S3's XML is read`() throws {
        let answer = try #require(
            S3Answer(Array("<?xml version=\"1.0\"?>\n<R xmlns=\"x\"><K>a&amp;&#98;&#x63;</K><E/><K>2</K></R>".utf8))
        )
        #expect(answer.name == "R")
        #expect(answer["K"] == "a&bc")
        #expect(answer["E"]?.isEmpty == true)
        #expect(answer.all("K").count == 2)
        #expect(S3Answer(Array(String(repeating: "<a>", count: 100_000).utf8)) == nil)
    }
}
