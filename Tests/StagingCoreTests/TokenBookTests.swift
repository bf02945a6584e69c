import ClusterModel
import StagingCore
import Testing

@Suite struct TokenBookTests {
    private static let times = TokenTimes(lifetime: 1_000, renewal: 100, keyUpdate: 300)

    private static func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: 1_000_000 + milliseconds) }

    private static func book() -> TokenBook {
        var book = TokenBook(times: self.times)
        book.turn([1], at: self.at(0))
        return book
    }

    @Test func `a token ends when it is not renewed, and at the latest after its lifetime`() throws {
        var book = Self.book()
        let token = try book.issue(to: "alice", renewer: "yarn", realUser: "", at: Self.at(0))
        #expect(try book.known(token, at: Self.at(100)) == token)
        #expect(throws: StagingRefusal.self) { try book.known(token, at: Self.at(101)) }
        var last: Int64 = 0
        for time in stride(from: Int64(90), to: 1_000, by: 90) {
            last = try book.renew(token, by: "yarn", at: Self.at(time)).milliseconds - Self.at(0).milliseconds
        }
        #expect(last == 1_000)
        #expect(throws: StagingRefusal.self) { try book.renew(token, by: "yarn", at: Self.at(1_001)) }
    }

    @Test func `keys take turns, and stay while a token may need them`() throws {
        var book = Self.book()
        let token = try book.issue(to: "alice", renewer: "yarn", realUser: "", at: Self.at(290))
        #expect(!book.needsKey(at: Self.at(299)) && book.needsKey(at: Self.at(300)))
        book.turn([2], at: Self.at(300))
        #expect(try book.issue(to: "bob", renewer: "", realUser: "", at: Self.at(300)).keyID == 2)
        #expect(book.key(token.keyID)?.bytes == [1])
        book.turn([3], at: Self.at(1_301))
        #expect(book.key(1) == nil && book.key(2) != nil && book.key(3) != nil)
    }

    @Test func `what was stored makes the same book`() throws {
        var book = Self.book()
        var keys: [Int32: TokenKey] = [:]
        var tokens: [Int32: StagingToken] = [:]
        var lastNumber: Int32 = 0
        var random = SeededNumbers()
        var issued: [StagingToken] = []
        for step in 0..<500 {
            let now = Self.at(Int64(step) * 7)
            book.turn([UInt8(truncatingIfNeeded: step)], at: now)
            switch random.next() % 3 {
            case 0: issued.append(try book.issue(to: "alice", renewer: "yarn", realUser: "", at: now))
            case 1:
                if let token = issued.randomElement(using: &random) { _ = try? book.renew(token, by: "yarn", at: now) }
            default:
                if let token = issued.randomElement(using: &random) { try? book.cancel(token, by: "alice", at: now) }
            }
            for change in book.takeChanges() {
                switch change {
                case .putKey(let key): keys[key.id] = key
                case .removeKey(let id): keys[id] = nil
                case .putToken(let token): tokens[token.number] = token
                case .removeToken(let number): tokens[number] = nil
                case .lastNumber(let number): lastNumber = number
                }
            }
            let again = TokenBook(
                times: Self.times,
                keys: Array(keys.values),
                tokens: Array(tokens.values),
                lastNumber: lastNumber
            )
            for token in issued { #expect((try? again.known(token, at: now)) == (try? book.known(token, at: now))) }
            #expect(again.needsKey(at: now) == book.needsKey(at: now))
        }
        #expect(issued.count > 100)
    }
}

/// The same numbers in every run.
private struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64 = 42

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
