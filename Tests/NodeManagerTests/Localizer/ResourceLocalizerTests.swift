import Crypto
import Glibc
import HadoopConfig
import Settings
import Staging
import TestSupport
import Testing

@testable import NodeManager

@Suite(.timeLimit(.minutes(1))) struct ResourceLocalizerTests {
    private let folder: String
    private let cache: String
    private let localizer = ResourceLocalizer()

    init() throws {
        self.folder = try ContainerFixture.makeFolder()
        self.cache = "\(self.folder)/filecache"
        try #require(unsafe mkdir(self.cache, 0o755) == 0)
        _ = unsafe chmod(self.folder, 0o755)
    }

    private func request(
        _ name: String,
        kind: LocalizationRequest.Kind = .file,
        visibility: LocalizationRequest.Visibility = .private,
        size: Int64 = -1,
        account: OperatingSystemAccount? = nil
    ) -> LocalizationRequest {
        var status = stat()
        _ = unsafe stat("\(self.folder)/\(name)", &status)
        let timestamp = Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
        return LocalizationRequest(
            source: ResourceLocation(scheme: "file", path: "\(self.folder)/\(name)"),
            timestamp: timestamp,
            size: size,
            kind: kind,
            visibility: visibility,
            account: account
        )
    }

    private func mode(_ path: String) -> UInt32? {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
    }

    /// A zip with one entry, `inner/hello` holding "hi", as `zip` makes it.
    private static let zip: [UInt8] =
        [0x50, 0x4b, 3, 4, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xac, 0x2a, 0x93, 0xd8, 2, 0, 0, 0, 2, 0, 0, 0, 11, 0, 0, 0]
        + Array("inner/hellohi".utf8)
        + [
            0x50, 0x4b, 1, 2, 20, 3, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xac, 0x2a, 0x93, 0xd8, 2, 0, 0, 0, 2, 0, 0, 0, 11,
            0,
        ]
        + [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xa4, 0x81, 0, 0, 0, 0] + Array("inner/hello".utf8)
        + [0x50, 0x4b, 5, 6, 0, 0, 0, 0, 1, 0, 1, 0, 57, 0, 0, 0, 43, 0, 0, 0, 0, 0]

    private func write(_ name: String, _ bytes: [UInt8]) throws {
        let path = "\(self.folder)/\(name)"
        let file = try OwnedDescriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644)
        unsafe try bytes.withUnsafeBytes { unsafe try file.write($0, path: path) }
    }

    @Test func `a file comes with its name, its size and the modes of its visibility`() async throws {
        defer { TreeRemoval.remove(self.folder) }
        try self.write("app.py", Array("print()".utf8))
        let shared = try await self.localizer.localize(
            self.request("app.py", visibility: .public, size: 7),
            into: "\(self.cache)/10"
        )
        #expect(shared == LocalizedResource(path: "\(self.cache)/10/app.py", size: 7))
        #expect(ContainerFixture.read(shared.path) == "print()")
        #expect(self.mode(shared.path) == 0o555)
        #expect(self.mode("\(self.cache)/10") == 0o755)
        let own = try await self.localizer.localize(self.request("app.py"), into: "\(self.cache)/11")
        #expect(self.mode(own.path) == 0o500)
        #expect(self.mode("\(self.cache)/11") == 0o700)
        #expect(Set(directoryEntries(self.cache)) == ["10", "11"])
    }

    @Test func `an archive is unpacked to a folder of its name, one of another name is a file`() async throws {
        defer { TreeRemoval.remove(self.folder) }
        try self.write("__spark_conf__.zip", Self.zip)
        try self.write("environment", Self.zip)
        let unpacked = try await self.localizer.localize(
            self.request("__spark_conf__.zip", kind: .archive),
            into: "\(self.cache)/1"
        )
        #expect(ContainerFixture.read("\(unpacked.path)/inner/hello") == "hi")
        #expect(unpacked.path == "\(self.cache)/1/__spark_conf__.zip")
        #expect(unpacked.size == 2)
        #expect(self.mode("\(unpacked.path)/inner/hello") == 0o500)
        #expect(self.mode("\(unpacked.path)/inner") == 0o700)
        let kept = try await self.localizer.localize(
            self.request("environment", kind: .archive),
            into: "\(self.cache)/2"
        )
        #expect(kept.size == Int64(Self.zip.count))
        #expect(directoryEntries("\(self.cache)/1") == ["__spark_conf__.zip"])
    }

    @Test func `a pattern keeps the jar beside what matches`() async throws {
        defer { TreeRemoval.remove(self.folder) }
        try self.write("job.jar", Self.zip)
        let matching = try await self.localizer.localize(
            self.request("job.jar", kind: .pattern("(?:inner/|lib/).*")),
            into: "\(self.cache)/1"
        )
        #expect(Set(directoryEntries(matching.path)) == ["job.jar", "inner"])
        #expect(matching.size == Int64(Self.zip.count) + 2)
        let other = try await self.localizer.localize(
            self.request("job.jar", kind: .pattern("lib/.*")),
            into: "\(self.cache)/2"
        )
        #expect(directoryEntries(other.path) == ["job.jar"])
        #expect(directoryEntries("\(self.cache)/2") == ["job.jar"])
    }

    @Test func `the limits of archives are those of the configuration`() throws {
        defer { TreeRemoval.remove(self.folder) }
        var configuration = Configuration(environment: .process)
        #expect(UnpackLimits(try NodeManagerDaemonSettings(configuration).archives) == UnpackLimits())
        for (key, value) in [("entries", "11"), ("bytes", "12m"), ("ratio", "13")] {
            configuration.set("heddle.nodemanager.archive.\(key)-maximum", value, source: "test")
        }
        let limits = UnpackLimits(try NodeManagerDaemonSettings(configuration).archives)
        #expect(limits == UnpackLimits(entriesMaximum: 11, totalBytesMaximum: 12 << 20, ratioMaximum: 13))
    }

    /// What a server said at first is what other resources are taken to be: its bytes must be those.
    @Test(
        arguments: ["job.jar", "job.zip", "job.txt"],
        [.file, .archive, .pattern(".*")] as [LocalizationRequest.Kind]
    )
    func `what does not have the hash that its server stated is not taken`(
        name: String,
        kind: LocalizationRequest.Kind
    ) async throws {
        defer { TreeRemoval.remove(self.folder) }
        try self.write(name, Self.zip)
        var request = self.request(name, kind: kind, visibility: .public)
        let hash = "\(SHA256.hash(data: Self.zip).description.suffix(64))"
        request.sha256 = "0" + hash.dropFirst()
        let failure = await #expect(throws: LocalizationFailure.self) {
            try await self.localizer.localize(request, into: "\(self.cache)/1")
        }
        #expect(failure?.description.contains("states SHA-256 0\(hash.dropFirst()), but what came has \(hash)") == true)
        #expect(directoryEntries(self.cache).isEmpty)
        request.sha256 = hash
        _ = try await self.localizer.localize(request, into: "\(self.cache)/1")
        #expect(directoryEntries(self.cache) == ["1"])
    }

    /// Hadoop compares no sizes at all; that those of plain files are compared is our own rule.
    @Test func `the stated size of what is unpacked is not compared`() async throws {
        defer { TreeRemoval.remove(self.folder) }
        try self.write("conf.zip", Self.zip)
        let resource = try await self.localizer.localize(
            self.request("conf.zip", kind: .archive, size: 1),
            into: "\(self.cache)/1"
        )
        #expect(resource.size == 2)
    }

    @Test(
        arguments: [
            ("http", 0, nil), ("http", -1, nil), ("https", 0, nil), ("http", 5, 5), ("file", 0, 0), ("file", 5, 5),
        ] as [(String, Int64, Int64?)]
    )
    func `a time that no client knows is not compared`(scheme: String, stated: Int64, compared: Int64?) {
        let work = LocalizationWork(
            request: LocalizationRequest(
                source: ResourceLocation(scheme: scheme, host: scheme == "file" ? "" : "server", path: "/x"),
                timestamp: stated,
                size: -1,
                kind: .file,
                visibility: .private
            ),
            directory: "\(self.cache)/1",
            roots: [],
            transfers: Transfers(),
            limits: UnpackLimits(),
            cancellation: Cancellation()
        )
        #expect(work.expectation == ResourceExpectation(timestamp: compared, isClosed: true))
        TreeRemoval.remove(self.folder)
    }

    @Test func `an archive that is changed while it is unpacked is refused`() async throws {
        defer { TreeRemoval.remove(self.folder) }
        let archive = "\(self.folder)/many.tar"
        // So many that their unpacking is seen before it is over.
        let pack = "cd '\(self.folder)' && mkdir many && seq -f many/%g 20000 | xargs touch && tar -cf many.tar many"
        try #require(unsafe system(pack) == 0)
        let request = self.request("many.tar", kind: .archive)
        let target = "\(self.cache)/1"
        let task = Task { [localizer] in try await localizer.localize(request, into: target) }
        try await eventually { directoryEntries("\(target)_tmp/many.tar/many").isEmpty == false }
        let later = timespec(tv_sec: 1_900_000_000, tv_nsec: 0)
        #expect(unsafe utimensat(AT_FDCWD, archive, [later, later], 0) == 0)
        let result = await task.result
        let failure = #expect(throws: LocalizationFailure.self) { try result.get() }
        #expect(failure?.description.contains("changed on src filesystem") == true)
        #expect(directoryEntries(self.cache).isEmpty)
    }

    @Test func `a resource that fails leaves nothing`() async throws {
        defer { TreeRemoval.remove(self.folder) }
        try self.write("changed", [1])
        try self.write("broken.zip", Array(Self.zip.dropLast(30)))
        try self.write("job.jar", Self.zip)
        var late = self.request("changed")
        late.timestamp += 1
        var cases = [
            late, self.request("broken.zip", kind: .archive), self.request("job.jar", kind: .pattern("(?=x)")),
        ]
        cases.append(self.request("missing"))
        cases.append(
            LocalizationRequest(
                source: ResourceLocation(scheme: "file", path: "/.."),
                timestamp: 0,
                size: -1,
                kind: .file,
                visibility: .private
            )
        )
        cases.append(
            LocalizationRequest(
                source: ResourceLocation(scheme: "hdfs", host: "namenode", path: "/x"),
                timestamp: 0,
                size: -1,
                kind: .file,
                visibility: .private
            )
        )
        for (index, request) in cases.enumerated() {
            let failure = await #expect(throws: LocalizationFailure.self) {
                try await self.localizer.localize(request, into: "\(self.cache)/\(index)")
            }
            #expect(failure?.description.hasPrefix("Resource \(request.source) ") == true, "\(failure as Any)")
        }
        #expect(directoryEntries(self.cache).isEmpty)
    }

    @Test func `what a crash left under the number is replaced`() async throws {
        defer { TreeRemoval.remove(self.folder) }
        try self.write("file", [1])
        try #require(unsafe mkdir("\(self.cache)/5_tmp", 0o700) == 0)
        try ContainerFixture.write("half", to: "\(self.cache)/5_tmp/other")
        let resource = try await self.localizer.localize(self.request("file"), into: "\(self.cache)/5")
        #expect(directoryEntries("\(self.cache)/5") == ["file"])
        #expect(resource.size == 1)
    }

    @Test func `a private copy belongs to its user, a public one does not`() async throws {
        defer { TreeRemoval.remove(self.folder) }
        guard geteuid() == 0 else { return }
        let nobody = try #require(try OperatingSystemAccount.named("nobody"))
        try self.write("conf.zip", Self.zip)
        let own = try await self.localizer.localize(
            self.request("conf.zip", kind: .archive, account: nobody),
            into: "\(self.cache)/1"
        )
        let shared = try await self.localizer.localize(
            self.request("conf.zip", kind: .archive, visibility: .public, account: nobody),
            into: "\(self.cache)/2"
        )
        for (path, user) in [(own.path, nobody.user), (shared.path, 0)] {
            for part in ["", "/inner", "/inner/hello"] {
                var status = stat()
                try #require(unsafe stat("\(path)\(part)", &status) == 0)
                #expect(status.st_uid == user)
            }
        }
        let denied = await #expect(throws: LocalizationFailure.self) {
            _ = unsafe chmod("\(self.folder)/conf.zip", 0o600)
            return try await self.localizer.localize(
                self.request("conf.zip", account: nobody),
                into: "\(self.cache)/3"
            )
        }
        #expect(denied?.description.hasSuffix("as user nobody: Permission denied") == true)
    }

    @Test func `a link that a user put above the destination is not passed`() async throws {
        defer { TreeRemoval.remove(self.folder) }
        try self.write("file", [1])
        let localizer = ResourceLocalizer(roots: ["/nowhere", self.folder])
        let resource = try await localizer.localize(self.request("file"), into: "\(self.cache)/1")
        #expect(ContainerFixture.read(resource.path) != nil)
        let top = try await localizer.localize(self.request("file"), into: "\(self.folder)/direct")
        #expect(ContainerFixture.read(top.path) != nil)
        _ = unsafe mkdir("\(self.folder)/elsewhere", 0o755)
        try #require(unsafe symlink("elsewhere", "\(self.folder)/planted") == 0)
        await #expect(throws: LocalizationFailure.self) {
            try await localizer.localize(self.request("file"), into: "\(self.folder)/planted/1")
        }
        #expect(directoryEntries("\(self.folder)/elsewhere").isEmpty)
    }

    @Test func `a cancelled localization ends and leaves nothing`() async throws {
        defer { TreeRemoval.remove(self.folder) }
        try self.write("file", [1])
        let request = self.request("file")
        let cache = self.cache
        let localizer = self.localizer
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await localizer.localize(request, into: "\(cache)/1")
        }
        task.cancel()
        let result = await task.result
        #expect(throws: LocalizationFailure.self) { try result.get() }
        #expect(directoryEntries(self.cache).isEmpty)
    }
}
