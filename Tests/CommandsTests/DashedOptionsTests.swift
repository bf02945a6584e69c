import Testing

@testable import Commands

@Suite struct `Dashed options` {
    private static let options: [DashedOptions.Option] = [
        .init("list", help: ""),
        .init("appStates", .one, placeholder: "States", help: ""),
        .init("kill", .many, placeholder: "Application ID", help: ""),
    ]

    @Test func `flags, single values and many values are told apart`() throws {
        let options = try DashedOptions(
            ["-list", "-appStates", "RUNNING, FAILED,", "-kill", "a", "b", "--list"],
            options: Self.options
        )
        #expect(options.has("list"))
        #expect(options.list("appStates") == ["RUNNING", "FAILED"])
        #expect(options.all("kill") == ["a", "b"])
        #expect(options.rest.isEmpty)
    }

    @Test func `a value may be attached, and a negative number is a value`() throws {
        let options = try DashedOptions(["-appStates=ALL", "-5"], options: Self.options)
        #expect(options.value("appStates") == "ALL")
        #expect(options.rest == ["-5"])
    }

    @Test func `unknown options and missing values are refused with Hadoop's words`() {
        #expect(throws: DashedOptions.ParseError.unrecognized("-bogus")) {
            try DashedOptions(["-bogus"], options: Self.options)
        }
        #expect(throws: DashedOptions.ParseError.missingArgument("appStates")) {
            try DashedOptions(["-appStates", "-list"], options: Self.options)
        }
        #expect(DashedOptions.ParseError.unrecognized("-bogus").description == "Unrecognized option: -bogus")
    }

    @Test func `usage wraps the help beside its column`() {
        let text = usageText(
            "node",
            [
                .init(
                    "states",
                    .one,
                    placeholder: "States",
                    help: "Works with -list to filter nodes based on input comma-separated list of node states."
                )
            ]
        )
        #expect(
            text == """
                usage: node
                 -states <States>   Works with -list to filter nodes based on input
                                    comma-separated list of node states.

                """
        )
    }
}
