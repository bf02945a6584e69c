import ClusterModel
import HadoopHTTP
import StagingCore

/// PUT and POST, apart from the bytes of files.
extension StagingCall {
    func put(_ operation: String) async throws -> WebAnswer? {
        switch operation {
        case "CREATE": return try await self.write(.create)
        case "MKDIRS":
            let mode = try self.parameters.mode(default: 0o755)
            let unmasked = try self.parameters.unmaskedMode()
            try await self.change {
                try $0.makeFolders(self.path, mode: mode, unmasked: unmasked, by: self.caller, at: $1)
            }
            return Self.json("boolean", .boolean(true))
        case "RENAME": return try await self.rename()
        case "SETPERMISSION":
            let mode = try self.parameters.mode(default: 0o755)
            try await self.change { namespace, _ in try namespace.setMode(self.path, mode, by: self.caller) }
            return Self.empty
        case "SETOWNER": return try await self.setOwner()
        case "SETTIMES":
            let modified = try self.parameters.time("modificationtime")
            let accessed = try self.parameters.time("accesstime")
            try await self.change { namespace, _ in
                try namespace.setTimes(self.path, modified: modified, accessed: accessed, by: self.caller)
            }
            return Self.empty
        case "SETREPLICATION":
            let number = try self.parameters.number("replication", in: 1...512)
            let replication = Int16(number ?? Int64(StagingParameters.replication))
            let isSet = try await self.change { namespace, _ in
                try namespace.setReplication(self.path, replication, by: self.caller)
            }
            return Self.json("boolean", .boolean(isSet))
        case "SETXATTR": return try await self.setAttribute()
        case "REMOVEXATTR":
            let name = try self.parameters.required("xattr.name")
            try await self.change { namespace, _ in
                try namespace.removeAttribute(self.path, name, by: self.caller)
            }
            return Self.empty
        case "RENEWDELEGATIONTOKEN": return Self.json("long", .integer(try await self.renewToken()))
        case "CANCELDELEGATIONTOKEN":
            try await self.cancelToken()
            return Self.empty
        case "SETQUOTA": return try await self.setQuota()
        case "SETACL", "MODIFYACLENTRIES", "REMOVEACLENTRIES", "REMOVEDEFAULTACL", "REMOVEACL":
            let access = try self.accessChange(operation)
            try await self.change { namespace, _ in try namespace.changeAccess(self.path, access, by: self.caller) }
            return Self.empty
        case "CREATESYMLINK", "ALLOWSNAPSHOT", "DISALLOWSNAPSHOT",
            "CREATESNAPSHOT", "RENAMESNAPSHOT", "SETSTORAGEPOLICY", "SATISFYSTORAGEPOLICY", "ENABLEECPOLICY",
            "DISABLEECPOLICY", "SETECPOLICY", "SETQUOTABYSTORAGETYPE":
            throw RESTFailure.unsupported("\(operation) is not there on a staging server.")
        default: return nil
        }
    }

    func post(_ operation: String) async throws -> WebAnswer? {
        switch operation {
        case "APPEND": return try await self.write(.append)
        case "CONCAT":
            var sources: [StagingPath] = []
            for source in self.request.query.list("sources") { sources.append(try StagingPath(source)) }
            let all = sources
            try await self.change { try $0.concatenate(self.path, all, by: self.caller, at: $1) }
            return Self.empty
        case "TRUNCATE":
            guard let length = try self.parameters.number("newlength", in: 0...Int64.max) else {
                throw RESTFailure.parameter("newlength", "it is missing")
            }
            let isDone = try await self.change { try $0.truncate(self.path, to: length, by: self.caller, at: $1) }
            return Self.json("boolean", .boolean(isDone))
        case "UNSETSTORAGEPOLICY", "UNSETECPOLICY":
            throw RESTFailure.unsupported("\(operation) is not there on a staging server.")
        default: return nil
        }
    }

    private func change<Value: Sendable>(
        _ body: @Sendable (inout Namespace, Timestamp) throws -> Value
    ) async throws -> Value {
        try await self.driver.step(body)
    }

    private func rename() async throws -> WebAnswer {
        let destination = try StagingPath(try self.parameters.required("destination"))
        guard let options = self.parameters.text("renameoptions") else {
            let isDone = try await self.change { try $0.rename(self.path, to: destination, by: self.caller, at: $1) }
            return Self.json("boolean", .boolean(isDone))
        }
        let words = options.uppercased().split(separator: ",")
        guard words.allSatisfy({ ["NONE", "OVERWRITE", "TO_TRASH"].contains($0) }) else {
            throw RESTFailure.parameter("renameoptions", "\(options) has other words than NONE, OVERWRITE, TO_TRASH")
        }
        try await self.change {
            try $0.rename(
                self.path,
                replacing: destination,
                overwrites: words.contains("OVERWRITE"),
                by: self.caller,
                at: $1
            )
        }
        return Self.empty
    }

    private func setOwner() async throws -> WebAnswer {
        let owner = self.parameters.text("owner")
        let group = self.parameters.text("group")
        guard owner != nil || group != nil else { throw RESTFailure.illegalArgument("Both owner and group are empty.") }
        for name in [owner, group].compactMap({ $0 }) {
            guard !name.utf8.contains(where: { $0 <= 0x20 || $0 == UInt8(ascii: ":") || $0 == 0x7F }) else {
                throw RESTFailure.parameter("owner", "\"\(name)\" is no name of a user or group")
            }
        }
        try await self.change { namespace, _ in
            try namespace.setOwner(self.path, owner: owner, group: group, by: self.caller)
        }
        return Self.empty
    }

    private func accessChange(_ operation: String) throws -> Namespace.AccessChange {
        func entries(withPermissions: Bool = true) throws -> [AccessEntry] {
            try AccessEntry.list(try self.parameters.required("aclspec"), withPermissions: withPermissions)
        }
        switch operation {
        case "SETACL": return .replace(try entries())
        case "MODIFYACLENTRIES": return .merge(try entries())
        case "REMOVEACLENTRIES": return .remove(try entries(withPermissions: false))
        case "REMOVEDEFAULTACL": return .removeDefaults
        default: return .removeAll
        }
    }

    private func setAttribute() async throws -> WebAnswer {
        let name = try self.parameters.required("xattr.name")
        let value = try AttributeText.decode(self.parameters.text("xattr.value") ?? "")
        var flags: Namespace.AttributeFlags = []
        for word in self.request.query.list("flag") {
            switch word.uppercased() {
            case "CREATE": flags.insert(.create)
            case "REPLACE": flags.insert(.replace)
            default: throw RESTFailure.parameter("flag", "\(word) is neither CREATE nor REPLACE")
            }
        }
        let all = flags
        try await self.change { namespace, _ in
            try namespace.setAttribute(
                self.path,
                ExtendedAttribute(name: name, value: value),
                all,
                by: self.caller
            )
        }
        return Self.empty
    }

    /// `HdfsConstants.QUOTA_DONT_SET` and `QUOTA_RESET` of a value that is left alone or taken away.
    private func setQuota() async throws -> WebAnswer {
        let names = try self.parameters.number("namespacequota", in: -1...Int64.max)
        let space = try self.parameters.number("storagespacequota", in: -1...Int64.max)
        @Sendable func limit(_ asked: Int64?, _ known: Int64?) -> Int64? {
            switch asked {
            case nil, .some(Int64.max): known
            case .some(let number): number < 0 ? nil : number
            }
        }
        try await self.change { namespace, _ in
            let known = try namespace.summary(self.path, by: self.caller).1
            let quota = Quota(names: limit(names, known.names), space: limit(space, known.space))
            try namespace.setQuota(self.path, quota, by: self.caller)
        }
        return Self.empty
    }
}
