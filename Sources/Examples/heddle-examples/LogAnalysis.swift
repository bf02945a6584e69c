import Heddle

/// What an access log in the combined format of Apache and nginx tells: answers by status, bytes, the pages that were asked
/// for most, requests by hour, and how many lines are no requests.
enum LogAnalysis: Application {
    static let usage = "INPUT"

    static func run(_ arguments: [String], _ context: HeddleContext) async throws {
        let malformed = context.longAccumulator("malformed lines")
        let requests = try await context.textFile(try arguments.text(0)).flatMap(with: malformed) { malformed, line in
            guard let request = Request(line) else {
                malformed.add(1)
                return [Request]()
            }
            return [request]
        }.cache()

        for (status, count) in try await requests.map({ $0.status }).countByValue().sorted(by: { $0.key < $1.key }) {
            print("status \(status)\t\(count)")
        }
        print("bytes\t\(try await requests.map { $0.bytes }.sum())")
        let pages = requests.filter { $0.status < 400 }.map { Pair($0.page, 1) }.reduceByKey { $0 + $1 }
        for page in try await pages.map({ WordCount.Ranked(word: $0.key, count: $0.value) }).takeOrdered(5) {
            print("page \(page.word)\t\(page.count)")
        }
        for (hour, count) in try await requests.map({ $0.hour }).countByValue().sorted(by: { $0.key < $1.key }) {
            print("hour \(hour)\t\(count)")
        }
        print("malformed\t\(malformed.value)")
    }

    struct Request: Codable, Sendable {
        var hour: Int
        var page: Text
        var status: Int
        var bytes: Int

        /// `1.2.3.4 - - [28/Nov/2025:16:20:01 +0000] "GET /page?query HTTP/1.1" 200 1234 "referrer" "agent"`
        init?(_ line: Text) {
            let quoted = Array(line.split(separator: UInt8(ascii: "\"")))
            guard quoted.count >= 3, let open = quoted[0].firstIndex(of: UInt8(ascii: "[")) else { return nil }
            let time = Array(quoted[0].dropFirst(open + 1).split(separator: UInt8(ascii: ":")))
            let request = Array(quoted[1].words)
            let answer = Array(quoted[2].words)
            guard time.count >= 4, let hour = Int(time[1]), request.count == 3, answer.count == 2,
                let status = Int(answer[0])
            else { return nil }
            self.hour = hour
            self.page = (request[1].split(separator: UInt8(ascii: "?")).first { _ in true } ?? request[1]).detached()
            self.status = status
            self.bytes = Int(answer[1]) ?? 0
        }
    }
}
