import ClusterModel
import Testing

@Suite struct IdentifierTests {
    @Test func `identifiers print as Hadoop prints them and read back`() {
        let application = ApplicationID(clusterTimestamp: 1_795_444_560_522, number: 8)
        #expect(application.description == "application_1795444560522_0008")
        #expect(ApplicationID(application.description) == application)
        let attempt = ApplicationAttemptID(application: application, number: 1)
        #expect(attempt.description == "appattempt_1795444560522_0008_000001")
        #expect(ApplicationAttemptID(attempt.description) == attempt)
        let container = ContainerID(attempt: attempt, epoch: 0, sequence: 2)
        #expect(container.description == "container_1795444560522_0008_01_000002")
        #expect(ContainerID(container.description) == container)
        let recovered = ContainerID(attempt: attempt, epoch: 3, sequence: 1_234_567)
        #expect(recovered.description == "container_e03_1795444560522_0008_01_1234567")
        #expect(ContainerID(recovered.description) == recovered)
        #expect(recovered.packed == 3 << 40 | 1_234_567)
    }

    @Test(arguments: [
        "", "application", "application_", "application_1", "application_1_", "application_1_2_3", "application_x_1",
        "application_+1_1", "application_1_-1", "application_1_99999999999", "application_1/../x_1", "appattempt_1_1",
        "application_99999999999999999999_1", " application_1_1", "application_1_1 ", "application_1_1\0",
        "application_1_\u{0661}",
    ])
    func `an application id that breaks the grammar is refused`(_ text: String) {
        #expect(ApplicationID(text) == nil)
    }

    @Test(arguments: [
        "container_1_1_1", "container_e_1_1_1_1", "container_e1_1_1_1", "container_ex_1_1_1_1", "container_1_1_1_1_1",
        "container_1_0001_01_1099511627776", "container_../../etc_1_1_1",
    ])
    func `a container id that breaks the grammar is refused`(_ text: String) {
        #expect(ContainerID(text) == nil)
    }

    @Test func `node ids take a host and a port`() {
        #expect(NodeID("127.0.0.2:45454") == NodeID(host: "127.0.0.2", port: 45454))
        #expect(NodeID("[::1]:80")?.host == "[::1]")
        #expect(NodeID("nohost") == nil)
        #expect(NodeID(":1") == nil)
        #expect(NodeID("a b:1") == nil)
        #expect(NodeID("a/../b:1") == nil)
        #expect(NodeID("h:70000") == nil)
    }

    @Test func `ids order by age`() {
        let first = ApplicationID(clusterTimestamp: 1, number: 2)
        let second = ApplicationID(clusterTimestamp: 1, number: 10)
        let restarted = ApplicationID(clusterTimestamp: 2, number: 1)
        #expect([restarted, second, first].sorted() == [first, second, restarted])
    }
}
