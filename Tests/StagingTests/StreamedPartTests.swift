import Testing

@testable import Staging

struct StreamedPartTests {
    private func advance(_ part: inout StreamedPart, by count: Int64, keeps kept: Int64, isWanted: Bool) {
        let before = part.position
        let advanced = part.advance(by: count)
        #expect(advanced == (kept, isWanted))
        #expect(part.position == before + kept)
    }

    @Test func `without a cut everything is kept and more is wanted`() {
        var part = StreamedPart(position: 10, end: nil)
        #expect(part.room == nil)
        self.advance(&part, by: 5, keeps: 5, isWanted: true)
        part.learn(end: 100)
        #expect(part.room == 85)
        self.advance(&part, by: 85, keeps: 85, isWanted: true)
        #expect(part.position == 100)
    }

    @Test func `bytes beyond a cut that came while they were written are not this stream's`() {
        var part = StreamedPart(position: 0, end: 100)
        let isCut = part.cut(at: 40)
        #expect(isCut)
        self.advance(&part, by: 60, keeps: 40, isWanted: false)
        #expect(part.position == 40)
        self.advance(&part, by: 10, keeps: 0, isWanted: false)
    }

    @Test func `a cut stays where it is, and none is made behind`() {
        var part = StreamedPart(position: 0, end: 100)
        self.advance(&part, by: 30, keeps: 30, isWanted: true)
        let isCutBehind = part.cut(at: 30)
        #expect(!isCutBehind)
        let isCut = part.cut(at: 40)
        #expect(isCut)
        part.learn(end: 100)
        #expect(part.room == 10)
        self.advance(&part, by: 4, keeps: 4, isWanted: true)
    }
}
