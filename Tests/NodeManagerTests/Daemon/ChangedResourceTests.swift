import ClusterModel
import Glibc
import HadoopProtos
import ModelConversion
import NodeManagerCore
import TestSupport
import Testing

@testable import NodeManager

/// What an application uploaded is no longer what the node finds: never a mixture, always a text that names the file.
@Suite(.timeLimit(.minutes(3))) struct ChangedResourceTests {
    /// What happens to the file between its upload and its localization.
    enum Change: String, CaseIterable {
        case rewritten, shortened, removed, replacedByFolder, replacedByPipe

        /// What the container's diagnostics say of it.
        var complaint: String {
            switch self {
            case .rewritten: "changed on src filesystem"
            case .shortened: "bytes"
            case .removed: "No such file or directory"
            case .replacedByFolder, .replacedByPipe: "is not a regular file"
            }
        }

        func apply(to path: String) throws {
            switch self {
            case .rewritten: try Self.write("later\n", to: path, time: 1_600_000_001)
            case .shortened: try Self.write("hell", to: path, time: 1_600_000_000)
            case .removed: _ = unsafe unlink(path)
            case .replacedByFolder:
                _ = unsafe unlink(path)
                _ = unsafe mkdir(path, 0o755)
            case .replacedByPipe:
                _ = unsafe unlink(path)
                _ = unsafe mkfifo(path, 0o644)
            }
        }

        static func write(_ text: String, to path: String, time: Int) throws {
            try ContainerFixture.write(text, to: path)
            let time = timespec(tv_sec: time, tv_nsec: 0)
            #expect(unsafe utimensat(AT_FDCWD, path, [time, time], 0) == 0)
        }
    }

    @Test(arguments: Change.allCases)
    func `a file that is no longer what was uploaded is refused`(change: Change) async throws {
        try await withNode { node in
            let source = "\(node.folder)/input.txt"
            try Change.write("first\n", to: source, time: 1_600_000_000)
            let uploaded = LocalResourceProto.file(source)
            try change.apply(to: source)
            try await node.start([node.request(1, ["true"], resources: [.named("input.txt", uploaded)])])
            let status = try await node.end(of: 1)
            #expect(status.exitStatus == ContainerExitStatus.invalid.code)
            #expect(status.diagnostics.contains("file:\(source)"), "\(status.diagnostics)")
            #expect(status.diagnostics.contains(change.complaint), "\(status.diagnostics)")
            try await eventually { directoryEntries("\(node.folder)/local/usercache/root/filecache").isEmpty }
            #expect(openFiles(below: node.folder).isEmpty)
            // The refusal is of that upload, not of the name.
            ContainerFixture.remove(source)
            try Change.write("second\n", to: source, time: 1_600_000_002)
            let again = StringLocalResourceMapProto.named("input.txt", .file(source))
            try await node.start([node.request(2, ["cat input.txt > <LOG_DIR>/copy"], resources: [again])])
            #expect(try await node.end(of: 2).exitStatus == 0)
            #expect(node.log(2, "copy") == "second\n")
        }
    }

    @Test func `an archive that is rewritten is refused, whichever container asks first`() async throws {
        try await withNode { node in
            let source = "\(node.folder)/input.tar"
            let pack = "cd '\(node.folder)' && echo 1 > one && tar -cf input.tar one && touch -d @1600000000 input.tar"
            #expect(unsafe system(pack) == 0)
            let first = StringLocalResourceMapProto.named("input", .file(source, kind: .archive))
            #expect(unsafe system("\(pack) && touch -d @1600000001 '\(source)'") == 0)
            let second = StringLocalResourceMapProto.named("input", .file(source, kind: .archive))
            let script = ["cat input/one > <LOG_DIR>/copy"]
            try await node.start([
                node.request(1, script, resources: [first]), node.request(2, script, resources: [second]),
                node.request(3, script, resources: [first]),
            ])
            for number in [Int64(1), 3] {
                let status = try await node.end(of: number)
                #expect(status.exitStatus == ContainerExitStatus.invalid.code)
                #expect(status.diagnostics.contains("changed on src filesystem"), "\(status.diagnostics)")
            }
            #expect(try await node.end(of: 2).exitStatus == 0)
            #expect(node.log(2, "copy") == "1\n")
        }
    }

    @Test func `a file that is written to without end is refused or whole, never a mixture`() async throws {
        try await withNode { node in
            let source = "\(node.folder)/growing"
            _ = unsafe system("head -c 4194304 /dev/zero > '\(source)'")
            let writer = Task.detached {
                var growth = 0
                while !Task.isCancelled {
                    growth = (growth + 1_021) % 4_096
                    _ = unsafe truncate(source, 4_194_304 + growth)
                }
            }
            defer { writer.cancel() }
            for number in Int64(1)...10 {
                let resource = StringLocalResourceMapProto.named("growing", .file(source))
                let script = "stat -L -c %s growing > <LOG_DIR>/size"
                try await node.start([node.request(number, [script], resources: [resource])])
                let status = try await node.end(of: number)
                if status.exitStatus == 0 {
                    #expect(node.log(number, "size") == "\(resource.value.size)\n")
                } else {
                    #expect(status.exitStatus == ContainerExitStatus.invalid.code)
                    #expect(status.diagnostics.contains("file:\(source)"), "\(status.diagnostics)")
                }
            }
        }
    }
}
