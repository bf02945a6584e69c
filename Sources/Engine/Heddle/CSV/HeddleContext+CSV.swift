extension HeddleContext {
    /// The rows of files of comma-separated values (RFC 4180), whose first line names the columns.
    ///
    /// - Parameters:
    ///   - path: as `textFile`'s.
    ///   - type: what a row is: its properties are found by the columns' names, other columns are passed over.
    ///   - separator: what stands between fields, one byte.
    ///   - nullValue: the field that is nil for an optional property.
    ///   - multiline: whether a field in quotes may hold line ends. Each file is one partition then.
    ///   - partitions: into how many parts the files are cut at least.
    ///   - file: the place of the call in the source: messages and pages name it.
    ///   - line: the line of that place.
    /// - Throws: `HeddleError` where a name speaks of no file. A task fails that finds a malformed line, saying which.
    @inlinable public func csv<Row: Decodable & Sendable>(
        _ path: String,
        as type: Row.Type,
        separator: Unicode.Scalar = ",",
        nullValue: String = "",
        multiline: Bool = false,
        partitions: Int? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> RDD<Row> {
        var step = Step("csv", at: SourceSite(file, line), CSVSource<Row>.self) {
            try CSVSource<Row>.open($0)
        }
        if !separator.isASCII {
            step = step.refusing("the separator \(separator) is more than one byte")
        }
        let form = CSVForm(
            separator: UInt8(truncatingIfNeeded: separator.value),
            nullValue: nullValue,
            isMultiline: multiline
        )
        let splits = try await self.splits(of: path, partitions, cutting: !multiline)
        return RDD(self.source(step.passing(form), splits: splits), self)
    }
}

@usableFromInline struct CSVForm: Codable, Sendable {
    var separator: UInt8
    var nullValue: String
    var isMultiline: Bool

    @usableFromInline init(separator: UInt8, nullValue: String, isMultiline: Bool) {
        self.separator = separator
        self.nullValue = nullValue
        self.isMultiline = isMultiline
    }
}

@usableFromInline struct CSVSource<Row: Decodable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let rows = try CSVRows(input)
        return Stream<Row> { batch in
            batch.removeAll(keepingCapacity: true)
            while batch.count < Stream<Row>.batchCount, let row = try rows.next(Row.self) {
                batch.append(row)
            }
            return !batch.isEmpty
        }
    }
}

/// The rows of one split.
@usableFromInline final class CSVRows {
    private let form: CSVForm
    private let split: FileSplit
    private let lines: SplitLines
    private let decoder: CSVRowDecoder
    private var batch: [Text] = []
    private var position = 0
    /// Lines of this split that came before the batch.
    private var passed = 0

    @usableFromInline init(_ input: OperatorInput) throws {
        self.form = try input.value(as: CSVForm.self)
        self.split = try input.slice(as: FileSplit.self)
        self.lines = try SplitLines(self.split)
        self.decoder = try Self.header(self.split, self.form)
        // The first line is no row.
        if self.split.start == 0 { _ = try self.record() }
    }

    /// The columns, from the start of the file, wherever the split is.
    private static func header(_ split: FileSplit, _ form: CSVForm) throws -> CSVRowDecoder {
        var lines: [Text] = []
        _ = try SplitLines(FileSplit(file: split.file, start: 0, end: 1)).next(into: &lines)
        do {
            // Some programs mark UTF-8 by the three bytes of U+FEFF.
            let mark: Text = "\u{FEFF}"
            let line = lines.first ?? Text()
            let header = line.hasPrefix(mark) ? line.dropFirst(mark.count) : line
            guard let columns = try CSVRecord.fields(of: header, separator: form.separator) else {
                throw CSVProblem("a column's name has a quote that is not closed")
            }
            return try CSVRowDecoder(columns: columns, nullValue: form.nullValue)
        } catch {
            throw FileFailure(split.file.name, "line 1: \(error)")
        }
    }

    /// The next row; nil at the end.
    @usableFromInline func next<Row: Decodable>(_ type: Row.Type) throws -> Row? {
        guard let fields = try self.record() else { return nil }
        do {
            let count = self.decoder.columnCount
            guard fields.count == count else {
                throw CSVProblem(
                    "there are \(fields.count) fields where the first line names \(count) columns"
                )
            }
            self.decoder.fields = fields
            return try Row(from: self.decoder)
        } catch {
            throw try self.failure(error)
        }
    }

    /// The fields of the next line that is not empty.
    private func record() throws -> [Text]? {
        while var record = try self.line() {
            if record.isEmpty { continue }
            do {
                while true {
                    if let fields = try CSVRecord.fields(of: record, separator: self.form.separator) {
                        return fields
                    }
                    guard self.form.isMultiline else {
                        throw CSVProblem(
                            "a quote is not closed; where fields hold line ends read the files with multiline: true"
                        )
                    }
                    guard let more = try self.line() else { throw CSVProblem("a quote is not closed") }
                    record = Text.joined([record, more], separator: "\n")
                }
            } catch let problem as CSVProblem {
                throw try self.failure(problem)
            }
        }
        return nil
    }

    private func line() throws -> Text? {
        if self.position == self.batch.count {
            self.passed += self.batch.count
            self.position = 0
            self.batch.removeAll(keepingCapacity: true)
            guard try self.lines.next(into: &self.batch) else { return nil }
        }
        self.position += 1
        return self.batch[self.position - 1]
    }

    /// What is wrong with the line that was read last. Which line it is in its file is counted now, when somebody wants to
    /// know.
    private func failure(_ error: any Error) throws -> FileFailure {
        var number = self.passed + self.position
        if self.split.start > 0 {
            let before = try SplitLines(FileSplit(file: self.split.file, start: 0, end: self.split.start))
            var lines: [Text] = []
            while try before.next(into: &lines) {
                number += lines.count
                lines.removeAll(keepingCapacity: true)
            }
        }
        return FileFailure(self.split.file.name, "line \(number): \(Self.text(error))")
    }

    private static func text(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        return switch error {
        case .dataCorrupted(let context), .keyNotFound(_, let context), .typeMismatch(_, let context),
            .valueNotFound(_, let context):
            context.debugDescription
        @unknown default: "\(error)"
        }
    }
}
