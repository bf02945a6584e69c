import Glibc
import Testing

@testable import Staging

@Suite(.timeLimit(.minutes(1))) struct TreeRemovalTests {
    private let folder: TestFolder

    init() throws {
        self.folder = try TestFolder()
    }

    @Test func `a tree goes whole, its links' targets stay`() throws {
        let outside = try self.folder.makeDirectory("outside")
        try self.folder.write("outside/kept", [1])
        let tree = try self.folder.makeDirectory("tree")
        _ = try self.folder.makeDirectory("tree/a")
        try self.folder.write("tree/a/file", [1])
        #expect(unsafe symlink(outside, "\(tree)/link") == 0)
        #expect(unsafe symlink("/nowhere", "\(tree)/a/dangling") == 0)
        #expect(unsafe mkfifo("\(tree)/pipe", 0o600) == 0)
        let removal = TreeRemoval.remove(tree)
        #expect(removal.failures.isEmpty)
        #expect(removal.removed == 6)
        #expect(self.folder.status("tree") == nil)
        #expect(self.folder.status("outside/kept") != nil)
    }

    @Test func `a cancelled removal leaves the rest and is no failure`() throws {
        let tree = try self.folder.makeDirectory("tree")
        _ = try self.folder.makeDirectory("tree/a")
        try self.folder.write("tree/a/file", [1])
        let cancellation = Cancellation()
        cancellation.cancel()
        let removal = TreeRemoval.remove(tree, cancellation: cancellation)
        #expect(removal.failures.isEmpty && removal.removed == 0)
        #expect(self.folder.status("tree/a/file") != nil)
    }

    @Test func `folders without rights go`() throws {
        _ = try self.folder.makeDirectory("tree")
        _ = try self.folder.makeDirectory("tree/shut")
        try self.folder.write("tree/shut/file", [1], mode: 0)
        _ = unsafe chmod("\(self.folder.path)/tree/shut", 0)
        _ = unsafe chmod("\(self.folder.path)/tree", 0o500)
        #expect(TreeRemoval.remove("\(self.folder.path)/tree").failures.isEmpty)
        #expect(self.folder.status("tree") == nil)
    }

    @Test func `folders nested beyond every path limit go`() throws {
        let name = String(repeating: "n", count: 200)
        _ = try self.folder.makeDirectory("tree")
        var holder = try self.folder.openDirectory("tree")
        for _ in 0..<300 {
            #expect(unsafe mkdirat(holder.number, name, 0o700) == 0)
            #expect(unsafe mkdirat(holder.number, "sibling", 0o700) == 0)
            holder = try OwnedDescriptor.open(name, beneath: holder, O_RDONLY | O_DIRECTORY)
        }
        let removal = TreeRemoval.remove("\(self.folder.path)/tree")
        #expect(removal.failures.isEmpty)
        #expect(removal.removed == 601)
        #expect(self.folder.status("tree") == nil)
    }

    @Test func `a single file or link goes, what is missing is no failure`() throws {
        try self.folder.write("file", [1])
        #expect(unsafe symlink(self.folder.path, "\(self.folder.path)/self") == 0)
        #expect(TreeRemoval.remove("\(self.folder.path)/file").removed == 1)
        #expect(TreeRemoval.remove("\(self.folder.path)/self").removed == 1)
        #expect(TreeRemoval.remove("\(self.folder.path)/self").failures.isEmpty)
        #expect(self.folder.status("") != nil)
    }

    @Test func `what cannot be removed is named`() throws {
        let removal = TreeRemoval.remove("/proc/self/status")
        #expect(removal.failures.first?.path == "/proc/self/status")
        #expect(removal.removed == 0)
    }
}
