import Foundation

/// A hand-written source file of the project.
struct SourceFile: Sendable {
    /// Relative to the project's folder.
    var path: String
    var lines: [Substring]

    static let projectFolder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// All files below `folder` with one of these endings; generated code left out.
    static func all(below folder: String, endings: [String] = [".swift"]) throws -> [SourceFile] {
        let root = self.projectFolder.appending(path: folder)
        guard let walk = FileManager.default.enumerator(atPath: root.path) else { return [] }
        var files: [SourceFile] = []
        for case let name as String in walk where endings.contains(where: name.hasSuffix) {
            if name.hasSuffix(".pb.swift") || name.contains(".build") { continue }
            let text = try String(contentsOf: root.appending(path: name), encoding: .utf8)
            files.append(
                SourceFile(
                    path: "\(folder)/\(name)",
                    lines: text.split(separator: "\n", omittingEmptySubsequences: false)
                )
            )
        }
        return files.sorted { $0.path < $1.path }
    }

    /// Modules that the file imports.
    var imports: [String] {
        self.lines.compactMap { line in
            let words = line.split(separator: " ")
            guard let keyword = words.firstIndex(of: "import"), keyword <= 2, words.count > keyword + 1,
                words[..<keyword].allSatisfy({ ["package", "public", "internal", "private", "@testable"].contains($0) })
            else { return nil }
            let symbolKinds: Set<Substring> = [
                "struct", "class", "enum", "protocol", "func", "typealias", "var", "let",
            ]
            let module =
                symbolKinds.contains(words[keyword + 1]) && words.count > keyword + 2
                ? words[keyword + 2] : words[keyword + 1]
            return module.split(separator: ".").first.map(String.init)
        }
    }

    /// The identifiers of a line.
    static func words(_ line: Substring) -> [String] {
        line.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
    }

    /// The identifiers of all lines outside comments.
    var words: [String] {
        self.lines.filter { !$0.drop { $0 == " " }.hasPrefix("//") }.flatMap(Self.words)
    }

    /// Names of `package var NAME: TYPE`, those with a body left out.
    var storedProperties: [String] {
        zip(self.lines, self.names(inLinesAfter: ["package", "var"])).compactMap { line, name in
            line.contains("{") ? nil : name
        }
    }

    /// Names of `package static let NAME = ConfigurationKey...`.
    var configurationKeys: [String] {
        zip(self.lines, self.names(inLinesAfter: ["package", "static", "let"])).compactMap { line, name in
            line.contains("ConfigurationKey<") ? name : nil
        }
    }

    /// Members that are read, as `.NAME`; those that are only assigned to are left out.
    var readMembers: [String] {
        self.lines.filter { !$0.drop { $0 == " " }.hasPrefix("//") }
            .flatMap { line -> [String] in
                line.split(separator: ".").dropFirst().compactMap { piece in
                    let name = piece.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                    let rest = piece.dropFirst(name.count)
                    let isAssigned = rest.hasPrefix(" =") && !rest.hasPrefix(" ==")
                    return name.isEmpty || isAssigned ? nil : String(name)
                }
            }
    }

    /// Of each line the name behind the keywords, nil where it does not begin with them.
    private func names(inLinesAfter keywords: [String]) -> [String?] {
        self.lines.map { line in
            let words = Self.words(line)
            return words.starts(with: keywords) && words.count > keywords.count ? words[keywords.count] : nil
        }
    }

    /// `path:line: text` of every line outside comments that contains one of the words.
    func lines(containing words: [String]) -> [String] {
        self.lines.enumerated().compactMap { index, line in
            let code = line.trimmingPrefix(while: { $0 == " " })
            guard !code.hasPrefix("//"), let word = words.first(where: { line.contains($0) }) else { return nil }
            return "\(self.path):\(index + 1): \(word)"
        }
    }

    /// Length in lines of every function, by the indentation of its closing brace. Initialisers are left out: those of wide
    /// values only copy their arguments.
    var functionLengths: [(name: String, length: Int)] {
        var result: [(name: String, length: Int)] = []
        for (start, line) in self.lines.enumerated() {
            let code = line.drop(while: { $0 == " " })
            // A function that ends on its own line has no line to look for.
            guard code.contains("func "), !code.hasPrefix("//"), !code.hasSuffix("}") else { continue }
            guard let opening = self.lines[start...].prefix(40).firstIndex(where: { $0.hasSuffix("{") }) else {
                continue
            }
            let closing = String(repeating: " ", count: line.count - code.count) + "}"
            guard let end = self.lines[opening...].firstIndex(where: { $0 == closing }) else { continue }
            result.append((name: String(code), length: end - start + 1))
        }
        return result
    }
}
