import ApplicationMaster
import Testing

@testable import Commands

/// What `heddle submit` refuses before anything is copied.
@Suite struct GivenPropertiesTests {
    private func refusal(_ words: [String], file: String = "", master: String = "yarn") -> String {
        do {
            let file = GivenProperties(in: file, file: "/conf/spark-defaults.conf")
            try SubmitArguments(words + ["./app"]).properties(over: file).check(master: master)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: EngineProperty.allCases.filter { $0.form != .text })
    func `each property that the engine knows is checked, and it is told where it comes from`(
        property: EngineProperty
    ) {
        let name = property.name
        for master in ["yarn", "local[*]"] {
            let byWord = self.refusal(["--conf", "\(name)=nonsense"], master: master)
            #expect(byWord.hasPrefix("\(name)=nonsense is "), "\(byWord)")
            #expect(byWord.contains("accepted") && byWord.hasSuffix(" (\(name) is from --conf)"), "\(byWord)")
            let byFile = self.refusal([], file: "# ours\r\n\r\n\(name) nonsense\r\n", master: master)
            #expect(byFile.hasSuffix(" (\(name) is from line 3 of /conf/spark-defaults.conf)"), "\(byFile)")
        }
        guard let flag = SubmitArguments.flags.first(where: { $0.property == property }) else { return }
        let byFlag = self.refusal(["--\(flag.name)", "nonsense", "--conf", "\(name)=1"], file: "\(name)=2")
        #expect(byFlag.hasSuffix(" (\(name) is from --\(flag.name))"), "\(byFlag)")
    }

    @Test func `each of those that do not go together has its place`() {
        let text = self.refusal(
            ["--num-executors", "5", "--conf", "spark.dynamicAllocation.maxExecutors=4"],
            file: "spark.dynamicAllocation.enabled=true"
        )
        #expect(text.contains("spark.dynamicAllocation.maxExecutors=4 is less than"), "\(text)")
        #expect(text.contains("spark.dynamicAllocation.maxExecutors is from --conf"), "\(text)")
        #expect(text.contains("spark.executor.instances is from --num-executors"), "\(text)")
    }

    @Test func `all that is wrong is told at once`() {
        let text = self.refusal(["--conf", "spark.task.cpus=two", "--executor-memory", "much"])
        #expect(text.split(separator: "\n").count == 2, "\(text)")
    }

    @Test func `properties of others are their own business`() {
        #expect(self.refusal(["--conf", "spark.sql.shuffle.partitions=few", "--conf", "spark.yarn.archive="]) == "")
    }

    @Test func `a wrong level is refused with Spark's levels`() {
        let text = self.refusal(["--conf", "spark.log.level=LOUD"])
        #expect(
            text == "spark.log.level=LOUD is not known here; accepted: ALL, DEBUG, ERROR, FATAL, INFO, OFF, TRACE, WARN"
                + " (spark.log.level is from --conf)"
        )
    }
}
