import ClusterModel
import Testing

@testable import StagingCore

/// Which folders of applications go, where somebody knows which applications run.
struct AbandonmentTests {
    private static let minute: Int64 = 60_000
    private static let day = 24 * 60 * Self.minute
    private static let one = ApplicationID(clusterTimestamp: 1_700_000_000_000, number: 1)
    private static let two = ApplicationID(clusterTimestamp: 1_700_000_000_000, number: 2)

    private static func folder(_ name: some CustomStringConvertible) -> String { "/user/ann/.sparkStaging/\(name)" }

    /// A tree with a folder for each name, asked about applications as given.
    private func tree(_ names: [String], asks: Bool = true) throws -> Tree {
        var tree = Tree { $0.asksForApplications = asks }
        for name in names { try tree.write("\(Self.folder(name))/lib.zip", Tree.content(1)) }
        return tree
    }

    /// Cleans up every quarter of an hour, as the driver does.
    private func run(
        _ tree: inout Tree,
        days: Double,
        _ life: (ApplicationID) -> ApplicationLife?
    ) -> (removed: [String], asked: [ApplicationID]) {
        var (removed, asked): ([String], [ApplicationID]) = ([], [])
        let end = tree.now.adding(milliseconds: Int64(days * Double(Self.day)))
        while tree.now < end {
            tree.now = tree.now.adding(milliseconds: 15 * Self.minute)
            let questions = tree.namespace.beginCleaning(at: tree.now)
            asked += questions
            var lives: [ApplicationID: ApplicationLife] = [:]
            for question in questions { lives[question] = life(question) }
            removed += tree.namespace.removeAbandoned(at: tree.now, lives: lives).map(\.description)
            tree.store()
        }
        return (removed, asked)
    }

    @Test func `a folder stays while its application runs, and as long after its end as any that nobody uses`() throws {
        var tree = try self.tree([Self.one.description])
        #expect(self.run(&tree, days: 30) { _ in .running }.removed == [])
        // A restart of the server takes nothing of that back.
        tree.namespace = try tree.restarted()
        #expect(self.run(&tree, days: 6.9) { _ in .over }.removed == [])
        #expect(self.run(&tree, days: 0.2) { _ in .over }.removed == [Self.folder(Self.one)])
    }

    @Test func `a folder stays while it cannot be found out whether its application runs`() throws {
        var tree = try self.tree([Self.one.description, Self.two.description])
        let found = self.run(&tree, days: 30) { $0 == Self.one ? nil : .over }
        #expect(found.removed == [Self.folder(Self.two)])
        #expect(self.run(&tree, days: 0.1) { _ in .over }.removed == [Self.folder(Self.one)])
    }

    @Test func `what is no application's folder goes by time alone, and so does everything where nobody is asked`()
        throws
    {
        var tree = try self.tree(["notes", "application_x"])
        let found = self.run(&tree, days: 7.1) { _ in .running }
        #expect(found.removed == [Self.folder("application_x"), Self.folder("notes")])
        #expect(found.asked == [])
        var silent = try self.tree([Self.one.description], asks: false)
        let other = self.run(&silent, days: 7.1) { _ in .running }
        #expect(other.removed == [Self.folder(Self.one)])
        #expect(other.asked == [])
    }

    @Test func `a folder that is named by MapReduce's job belongs to its application`() throws {
        var tree = try self.tree(["job_1700000000000_0001", "job_local1_0001"])
        let found = self.run(&tree, days: 8) { _ in .running }
        #expect(found.removed == [Self.folder("job_local1_0001")])
        #expect(Set(found.asked) == [Self.one])
    }

    @Test func `nobody is asked about what is in use, and about others once an hour`() throws {
        var tree = try self.tree([Self.one.description])
        #expect(self.run(&tree, days: 1.0 / 24) { _ in .over }.asked == [])
        let over = self.run(&tree, days: 1) { _ in .over }.asked.count
        #expect((15...24).contains(over), "\(over)")
        // A question without an answer is asked again the next time.
        let unanswered = self.run(&tree, days: 1) { _ in nil }.asked.count
        #expect(unanswered > 80, "\(unanswered)")
        let stream = try tree.append("\(Self.folder(Self.one))/lib.zip")
        #expect(self.run(&tree, days: 30) { _ in .over }.asked == [])
        tree.namespace.abandon(stream, prefix: nil, at: tree.now)
        tree.store()
    }

    /// Between the question and its answer time goes by.
    @Test func `what is used while the question is on its way stays`() throws {
        var tree = try self.tree([Self.one.description])
        tree.now = tree.now.adding(milliseconds: 8 * Self.day)
        #expect(tree.namespace.beginCleaning(at: tree.now) == [Self.one])
        try tree.write("\(Self.folder(Self.one))/more.zip", Tree.content(2))
        #expect(tree.namespace.removeAbandoned(at: tree.now, lives: [Self.one: .over]) == [])
    }
}
