import Testing

@testable import NodeManager

@Suite struct ProcessStatusTests {
    @Test func `a name with blanks and parentheses does not shift the fields`() {
        let fields = (4...52).map(String.init).joined(separator: " ")
        let line = "77 (a) b (c) S \(fields)\n"
        let status = ProcessStatus(statLine: Array(line.utf8))
        #expect(status?.number == 77)
        #expect(status?.name == "a) b (c")
        #expect(status?.state == UInt8(ascii: "S"))
        #expect(status?.parent == 4)
        #expect(status?.group == 5)
        #expect(status?.session == 6)
        #expect(status?.userTicks == 14)
        #expect(status?.systemTicks == 15)
        #expect(status?.startTicks == 22)
        #expect(status?.virtualBytes == 23)
        #expect(status?.residentPages == 24)
    }

    @Test(arguments: ["", "1", "1 (x", "1 (x)", "1 (x) S 1 2 3", "x (y) S", ")(", "1 )x( S"])
    func `a line of another form is no process`(line: String) {
        #expect(ProcessStatus(statLine: Array(line.utf8)) == nil)
    }
}
