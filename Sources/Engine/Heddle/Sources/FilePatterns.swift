internal import Glibc

/// Names of files with Hadoop's patterns: `*`, `?`, `[abc]`, `{one,two}`, and commas between names.
enum FilePatterns {
    private static let special: Set<Character> = ["*", "?", "[", "{"]

    /// All files that the names speak of, in the order of the names. A folder stands for its files; those whose names begin
    /// with `_` or `.` are left out of folders and patterns.
    /// - Throws: `FileFailure` where a name speaks of nothing.
    static func files(_ names: String) throws -> [SourceFile] {
        let files = try self.pieces(names).flatMap { piece in
            let name = try FileAccess.absolute(piece)
            let found = try self.alternatives(name).flatMap { try self.matches($0) }
            if found.isEmpty {
                // A name without a scheme is meant as fs.defaultFS says, which may surprise.
                let isMapped = FileSources.scheme(of: piece) == nil && FileSources.scheme(of: name) != nil
                throw FileFailure(name, "names no file" + (isMapped ? "; one of this machine is file:/PATH" : ""))
            }
            return try found.flatMap { try self.files(of: $0) }
        }
        return files
    }

    private static func files(of found: FoundFile) throws -> [SourceFile] {
        switch found {
        case .file(let file): return [file]
        case .folder(let name):
            return try FileSources.source(of: name).list(name).filter { !self.isHidden($0.name) }.map { entry in
                guard case .file(let file) = entry else {
                    throw FileFailure(
                        entry.name,
                        "is a folder in the folder that is read: to read its files say \(name)/*"
                    )
                }
                return file
            }
        }
    }

    static func isHidden(_ name: String) -> Bool {
        let last = name.split(separator: "/").last ?? ""
        return last.hasPrefix("_") || last.hasPrefix(".")
    }

    /// Cut at commas outside of braces.
    static func pieces(_ names: String) -> [String] {
        var pieces = [""]
        var depth = 0
        for character in names {
            if character == "{" { depth += 1 }
            if character == "}" { depth -= 1 }
            if character == "," && depth <= 0 { pieces.append("") } else { pieces[pieces.count - 1].append(character) }
        }
        return pieces.filter { !$0.isEmpty }
    }

    /// The names without braces that one with braces stands for.
    static func alternatives(_ name: String) -> [String] {
        guard let open = name.firstIndex(of: "{") else { return [name] }
        var depth = 0
        var starts = [name.index(after: open)]
        var choices: [Substring] = []
        for index in name.indices[open...] {
            switch name[index] {
            case "{": depth += 1
            case "}": depth -= 1
            case "," where depth == 1:
                choices.append(name[starts[starts.count - 1]..<index])
                starts.append(name.index(after: index))
                continue
            default: continue
            }
            guard depth == 0 else { continue }
            choices.append(name[starts[starts.count - 1]..<index])
            let rest = name[name.index(after: index)...]
            return choices.flatMap { self.alternatives(name[..<open] + $0 + rest) }
        }
        // A brace that is never closed stands for itself.
        return [name]
    }

    private static func alternatives(_ name: Substring) -> [String] { self.alternatives(String(name)) }

    /// What a name with patterns in its parts speaks of.
    private static func matches(_ name: String) throws -> [FoundFile] {
        let source = try FileSources.source(of: name)
        // A question mark of http begins a query.
        let scheme = FileSources.scheme(of: name)
        guard name.contains(where: self.special.contains), scheme != "http", scheme != "https" else {
            return try source.find(name).map { [$0] } ?? []
        }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let first = parts.firstIndex(where: { $0.contains(where: self.special.contains) }) else { return [] }
        let start = parts[..<first].joined(separator: "/")
        var found = [FoundFile.folder(start.isEmpty && first > 0 ? "/" : start)]
        for (index, part) in parts.enumerated().dropFirst(first) {
            let isLast = index == parts.count - 1
            found = try found.flatMap { try self.matches(of: part, in: $0, source) }
            if !isLast { found = found.filter { if case .folder = $0 { true } else { false } } }
        }
        return found
    }

    private static func matches(
        of part: String,
        in folder: FoundFile,
        _ source: any FileSource
    ) throws -> [FoundFile] {
        let prefix = folder.name.isEmpty || folder.name.hasSuffix("/") ? folder.name : folder.name + "/"
        guard part.contains(where: self.special.contains) else {
            return try source.find(prefix + part).map { [$0] } ?? []
        }
        guard case .folder? = try source.find(folder.name.isEmpty ? "." : folder.name) else { return [] }
        return try source.list(folder.name.isEmpty ? "." : folder.name).compactMap { entry in
            let name = String(entry.name.split(separator: "/").last ?? "")
            guard !self.isHidden(name), unsafe fnmatch(part, name, FNM_PERIOD) == 0 else { return nil }
            return try source.find(prefix + name)
        }
    }
}
